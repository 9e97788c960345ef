# mbedTLS: what port_config.h needs, with our memory, our randomness and, for suite 1, X25519. And what of the vault stands
# on it. The same in firmware and on the host, whose linker wants also what nothing calls.

set(mbedtls_library ${third_party}/mbedtls/library)
set(everest ${third_party}/mbedtls/3rdparty/everest)
add_library(mbedtls OBJECT
  ${mbedtls_library}/aes.c
  ${mbedtls_library}/block_cipher.c
  ${mbedtls_library}/constant_time.c
  ${mbedtls_library}/gcm.c
  ${mbedtls_library}/hmac_drbg.c
  ${mbedtls_library}/md.c
  ${mbedtls_library}/platform.c
  ${mbedtls_library}/platform_util.c
  ${mbedtls_library}/psa_crypto.c
  ${mbedtls_library}/psa_crypto_aead.c
  ${mbedtls_library}/psa_crypto_cipher.c
  ${mbedtls_library}/psa_crypto_client.c
  ${mbedtls_library}/psa_crypto_driver_wrappers_no_static.c
  ${mbedtls_library}/psa_crypto_hash.c
  ${mbedtls_library}/psa_crypto_mac.c
  ${mbedtls_library}/psa_crypto_rsa.c
  ${mbedtls_library}/psa_crypto_slot_management.c
  ${mbedtls_library}/psa_crypto_storage.c
  ${mbedtls_library}/psa_util.c
  ${mbedtls_library}/sha256.c
  $<$<BOOL:${COUNTERSIGN_SUITE1}>:${everest}/library/Hacl_Curve25519_joined.c>
)
target_include_directories(mbedtls SYSTEM PUBLIC ${CMAKE_CURRENT_LIST_DIR} ${third_party}/mbedtls/include
  ${PROJECT_SOURCE_DIR}/mcu-client/flash)  # psa/internal_trusted_storage.h
target_include_directories(mbedtls PRIVATE
  ${mbedtls_library} ${everest}/include ${everest}/include/everest ${everest}/include/everest/kremlib)
target_compile_definitions(mbedtls
  PUBLIC MBEDTLS_CONFIG_FILE="port_config.h"
  PRIVATE $<$<BOOL:${COUNTERSIGN_SUITE1}>:MBEDTLS_ECDH_VARIANT_EVEREST_ENABLED>)
target_compile_options(mbedtls PRIVATE -w)
target_link_libraries(mbedtls PUBLIC $<TARGET_NAME_IF_EXISTS:countersign_bare> PRIVATE countersign_instrumentation)

if(TARGET countersign_bare)
  set(kind OBJECT)
else()
  set(kind STATIC)
endif()
set(vault ${PROJECT_SOURCE_DIR}/mcu-client/vault)
add_library(countersign_mcu_psa ${kind}
  ${CMAKE_CURRENT_LIST_DIR}/blocks.cpp
  ${vault}/command_keys.cpp
  ${vault}/drbg.cpp
  ${vault}/flash_numbers.cpp
  ${vault}/key_store.cpp
  $<$<NOT:$<BOOL:${COUNTERSIGN_MFAR}>>:${vault}/mfar_absent.cpp>
  ${vault}/midstate_mac.cpp
  ${vault}/padded_key.cpp
  ${vault}/psa_crypto.cpp
  ${vault}/psa_device_key.cpp
  ${vault}/psa_mac_key.cpp
  ${vault}/seed_record.cpp
  ${vault}/x25519$<$<NOT:$<BOOL:${COUNTERSIGN_SUITE1}>>:_absent>.cpp
)
add_library(countersign::mcu_psa ALIAS countersign_mcu_psa)
target_compile_features(countersign_mcu_psa PUBLIC cxx_std_20)
target_link_libraries(countersign_mcu_psa PUBLIC countersign::mcu mbedtls PRIVATE countersign_warnings)
