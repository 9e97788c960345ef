add_library(mbedtls INTERFACE)
