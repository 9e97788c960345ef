# mbedTLS: what port_config.h needs, with our memory, our randomness and, for suite 1, X25519.

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
  ${mbedtls_library}/psa_crypto_client.c
  ${mbedtls_library}/psa_crypto_driver_wrappers_no_static.c
  ${mbedtls_library}/psa_crypto_hash.c
  ${mbedtls_library}/psa_crypto_mac.c
  ${mbedtls_library}/psa_crypto_slot_management.c
  ${mbedtls_library}/psa_crypto_storage.c
  ${mbedtls_library}/psa_util.c
  ${mbedtls_library}/sha256.c
  $<$<BOOL:${COUNTERSIGN_SUITE1}>:${everest}/library/Hacl_Curve25519_joined.c>
)
target_include_directories(mbedtls SYSTEM PUBLIC ${CMAKE_CURRENT_LIST_DIR}/mbedtls ${third_party}/mbedtls/include
  ${CMAKE_SOURCE_DIR}/mcu-client/flash)  # psa/internal_trusted_storage.h
target_include_directories(mbedtls PRIVATE
  ${mbedtls_library} ${everest}/include ${everest}/include/everest ${everest}/include/everest/kremlib)
target_compile_definitions(mbedtls
  PUBLIC MBEDTLS_CONFIG_FILE="port_config.h"
  PRIVATE $<$<BOOL:${COUNTERSIGN_SUITE1}>:MBEDTLS_ECDH_VARIANT_EVEREST_ENABLED>)
target_compile_options(mbedtls PRIVATE -w)
target_link_libraries(mbedtls PUBLIC countersign_bare)

add_library(countersign_port_crypto OBJECT
  mbedtls/blocks.cpp
  mbedtls/drbg.cpp
  mbedtls/x25519$<$<NOT:$<BOOL:${COUNTERSIGN_SUITE1}>>:_absent>.cpp
)
target_compile_features(countersign_port_crypto PUBLIC cxx_std_20)
target_link_libraries(countersign_port_crypto PUBLIC countersign::protocol mbedtls PRIVATE countersign_warnings)
