#pragma once

// What lwIP asks of a compiler and a board. Its messages are left out.

#include <stdint.h>
#include <stdlib.h>

#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x)
