#pragma once

// PSA Storage API 1.0, section 5.3: what mbedTLS keeps its persistent keys with.

#include <psa/crypto_types.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t psa_storage_uid_t;
typedef uint32_t psa_storage_create_flags_t;

#define PSA_STORAGE_FLAG_NONE 0U
#define PSA_STORAGE_FLAG_WRITE_ONCE 1U

struct psa_storage_info_t {
  uint32_t size;
  psa_storage_create_flags_t flags;
};

#ifdef __cplusplus
extern "C" {
#endif

psa_status_t psa_its_set(psa_storage_uid_t uid, uint32_t data_length, const void* p_data,
                         psa_storage_create_flags_t create_flags);
psa_status_t psa_its_get(psa_storage_uid_t uid, uint32_t data_offset, uint32_t data_length,
                         void* p_data, size_t* p_data_length);
psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t* p_info);
psa_status_t psa_its_remove(psa_storage_uid_t uid);

#ifdef __cplusplus
}
#endif
