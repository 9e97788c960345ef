#pragma once

// mbedTLS includes this name where the storage is not its own.
#include <psa/crypto_types.h>
#include <psa/crypto_values.h>
