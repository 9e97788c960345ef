#pragma once

// mbedTLS: PSA with HMAC-SHA-256 keys that persist, AES-128-GCM, HMAC-DRBG. X25519 is a file of its
// own (mbedtls.cmake). Measured on Cortex-M4, link-time optimised: 11.1 KB; without AES 7.1. What
// each choice costs stands beside it.

#define MBEDTLS_HAVE_ASM

// memory is a few static blocks (blocks.cpp; mbedTLS's own allocator: +0.6 KB); no heap, no streams
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO countersign_take_block
#define MBEDTLS_PLATFORM_FREE_MACRO countersign_free_block
#define MBEDTLS_PLATFORM_FPRINTF_MACRO(...) ((void)0)
#define MBEDTLS_PLATFORM_EXIT_MACRO(status) ((void)0)
#ifdef __cplusplus
extern "C" {
#endif
#include <stddef.h>
void* countersign_take_block(size_t count, size_t size);
void countersign_free_block(void* block);
#ifdef __cplusplus
}
#endif

#define MBEDTLS_PSA_CRYPTO_C
#define MBEDTLS_PSA_CRYPTO_STORAGE_C
#define MBEDTLS_PSA_CRYPTO_CONFIG
#define MBEDTLS_PSA_CRYPTO_CONFIG_FILE "port_psa_config.h"
#define MBEDTLS_PSA_CRYPTO_EXTERNAL_RNG       // mbedTLS's entropy with its seed file: +1.5 KB, +420
                                              // bytes of RAM
#define MBEDTLS_PSA_ASSUME_EXCLUSIVE_BUFFERS  // one thread, one world
#define MBEDTLS_PSA_STATIC_KEY_SLOTS
#define MBEDTLS_PSA_STATIC_KEY_SLOT_BUFFER_SIZE 32
#define MBEDTLS_PSA_KEY_SLOT_COUNT 8

#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C  // SHA256_SMALLER: -1.4 KB, and a third slower
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_HMAC_DRBG_MAX_SEED_INPUT 64  // it stands on the stack; we seed by buffer

#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES    // in RAM: -1 KB, +1.3 KB of RAM
#define MBEDTLS_AES_FEWER_TABLES  // all of them: +3 KB
#define MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
#define MBEDTLS_BLOCK_CIPHER_NO_DECRYPT
#define MBEDTLS_GCM_C

#define MBEDTLS_DEPRECATED_REMOVED
