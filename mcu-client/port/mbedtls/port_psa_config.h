#pragma once

// What PSA is asked for; the rest goes to mbedTLS directly.

#define PSA_WANT_ALG_HMAC 1
#define PSA_WANT_ALG_SHA_256 1
#define PSA_WANT_KEY_TYPE_HMAC 1
