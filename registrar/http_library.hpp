#pragma once

// cpp-httplib as Debian built it: pkg-config says with which options, and they must be the same.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#include <httplib.h>
#pragma GCC diagnostic pop
