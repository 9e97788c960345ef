/// Every function of OpenSSL that the backend calls, each of which fails when its turn comes. The
/// linker puts these in the way (--wrap, see CMakeLists.txt); the reserved names are its own.

#define OPENSSL_SUPPRESS_DEPRECATED  // as in mac_key.cpp
#include "fault/openssl_calls.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

namespace countersign::test {

Fault& openssl_fault() {
  static Fault fault;
  return fault;
}

}  // namespace countersign::test

using countersign::test::openssl_fault;

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): the names that --wrap gives

EVP_MAC* __real_EVP_MAC_fetch(OSSL_LIB_CTX* a, const char* b, const char* c);
EVP_MAC* __wrap_EVP_MAC_fetch(OSSL_LIB_CTX* a, const char* b, const char* c) {
  return openssl_fault().strikes() ? nullptr : __real_EVP_MAC_fetch(a, b, c);
}

EVP_MD* __real_EVP_MD_fetch(OSSL_LIB_CTX* a, const char* b, const char* c);
EVP_MD* __wrap_EVP_MD_fetch(OSSL_LIB_CTX* a, const char* b, const char* c) {
  return openssl_fault().strikes() ? nullptr : __real_EVP_MD_fetch(a, b, c);
}

EVP_CIPHER* __real_EVP_CIPHER_fetch(OSSL_LIB_CTX* a, const char* b, const char* c);
EVP_CIPHER* __wrap_EVP_CIPHER_fetch(OSSL_LIB_CTX* a, const char* b, const char* c) {
  return openssl_fault().strikes() ? nullptr : __real_EVP_CIPHER_fetch(a, b, c);
}

EVP_MAC_CTX* __real_EVP_MAC_CTX_new(EVP_MAC* a);
EVP_MAC_CTX* __wrap_EVP_MAC_CTX_new(EVP_MAC* a) {
  return openssl_fault().strikes() ? nullptr : __real_EVP_MAC_CTX_new(a);
}

EVP_MD_CTX* __real_EVP_MD_CTX_new();
EVP_MD_CTX* __wrap_EVP_MD_CTX_new() {
  return openssl_fault().strikes() ? nullptr : __real_EVP_MD_CTX_new();
}

EVP_CIPHER_CTX* __real_EVP_CIPHER_CTX_new();
EVP_CIPHER_CTX* __wrap_EVP_CIPHER_CTX_new() {
  return openssl_fault().strikes() ? nullptr : __real_EVP_CIPHER_CTX_new();
}

int __real_EVP_MAC_init(EVP_MAC_CTX* a, const unsigned char* b, std::size_t c, const OSSL_PARAM* d);
int __wrap_EVP_MAC_init(EVP_MAC_CTX* a, const unsigned char* b, std::size_t c,
                        const OSSL_PARAM* d) {
  return openssl_fault().strikes() ? 0 : __real_EVP_MAC_init(a, b, c, d);
}

int __real_EVP_MAC_update(EVP_MAC_CTX* a, const unsigned char* b, std::size_t c);
int __wrap_EVP_MAC_update(EVP_MAC_CTX* a, const unsigned char* b, std::size_t c) {
  return openssl_fault().strikes() ? 0 : __real_EVP_MAC_update(a, b, c);
}

int __real_EVP_MAC_final(EVP_MAC_CTX* a, unsigned char* b, std::size_t* c, std::size_t d);
int __wrap_EVP_MAC_final(EVP_MAC_CTX* a, unsigned char* b, std::size_t* c, std::size_t d) {
  return openssl_fault().strikes() ? 0 : __real_EVP_MAC_final(a, b, c, d);
}

int __real_EVP_DigestInit_ex(EVP_MD_CTX* a, const EVP_MD* b, ENGINE* c);
int __wrap_EVP_DigestInit_ex(EVP_MD_CTX* a, const EVP_MD* b, ENGINE* c) {
  return openssl_fault().strikes() ? 0 : __real_EVP_DigestInit_ex(a, b, c);
}

int __real_EVP_DigestUpdate(EVP_MD_CTX* a, const void* b, std::size_t c);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX* a, const void* b, std::size_t c) {
  return openssl_fault().strikes() ? 0 : __real_EVP_DigestUpdate(a, b, c);
}

int __real_EVP_DigestFinal_ex(EVP_MD_CTX* a, unsigned char* b, unsigned int* c);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX* a, unsigned char* b, unsigned int* c) {
  return openssl_fault().strikes() ? 0 : __real_EVP_DigestFinal_ex(a, b, c);
}

int __real_SHA256_Init(SHA256_CTX* a);
int __wrap_SHA256_Init(SHA256_CTX* a) {
  return openssl_fault().strikes() ? 0 : __real_SHA256_Init(a);
}

int __real_SHA256_Update(SHA256_CTX* a, const void* b, std::size_t c);
int __wrap_SHA256_Update(SHA256_CTX* a, const void* b, std::size_t c) {
  return openssl_fault().strikes() ? 0 : __real_SHA256_Update(a, b, c);
}

int __real_SHA256_Final(unsigned char* a, SHA256_CTX* b);
int __wrap_SHA256_Final(unsigned char* a, SHA256_CTX* b) {
  return openssl_fault().strikes() ? 0 : __real_SHA256_Final(a, b);
}

int __real_EVP_CipherInit_ex2(EVP_CIPHER_CTX* a, const EVP_CIPHER* b, const unsigned char* c,
                              const unsigned char* d, int e, const OSSL_PARAM* f);
int __wrap_EVP_CipherInit_ex2(EVP_CIPHER_CTX* a, const EVP_CIPHER* b, const unsigned char* c,
                              const unsigned char* d, int e, const OSSL_PARAM* f) {
  return openssl_fault().strikes() ? 0 : __real_EVP_CipherInit_ex2(a, b, c, d, e, f);
}

int __real_EVP_CipherUpdate(EVP_CIPHER_CTX* a, unsigned char* b, int* c, const unsigned char* d,
                            int e);
int __wrap_EVP_CipherUpdate(EVP_CIPHER_CTX* a, unsigned char* b, int* c, const unsigned char* d,
                            int e) {
  return openssl_fault().strikes() ? 0 : __real_EVP_CipherUpdate(a, b, c, d, e);
}

int __real_EVP_CipherFinal_ex(EVP_CIPHER_CTX* a, unsigned char* b, int* c);
int __wrap_EVP_CipherFinal_ex(EVP_CIPHER_CTX* a, unsigned char* b, int* c) {
  return openssl_fault().strikes() ? 0 : __real_EVP_CipherFinal_ex(a, b, c);
}

int __real_EVP_CIPHER_CTX_ctrl(EVP_CIPHER_CTX* a, int b, int c, void* d);
int __wrap_EVP_CIPHER_CTX_ctrl(EVP_CIPHER_CTX* a, int b, int c, void* d) {
  return openssl_fault().strikes() ? 0 : __real_EVP_CIPHER_CTX_ctrl(a, b, c, d);
}

EVP_PKEY* __real_EVP_PKEY_new_raw_private_key(int a, ENGINE* b, const unsigned char* c,
                                              std::size_t d);
EVP_PKEY* __wrap_EVP_PKEY_new_raw_private_key(int a, ENGINE* b, const unsigned char* c,
                                              std::size_t d) {
  return openssl_fault().strikes() ? nullptr : __real_EVP_PKEY_new_raw_private_key(a, b, c, d);
}

EVP_PKEY* __real_EVP_PKEY_new_raw_public_key(int a, ENGINE* b, const unsigned char* c,
                                             std::size_t d);
EVP_PKEY* __wrap_EVP_PKEY_new_raw_public_key(int a, ENGINE* b, const unsigned char* c,
                                             std::size_t d) {
  return openssl_fault().strikes() ? nullptr : __real_EVP_PKEY_new_raw_public_key(a, b, c, d);
}

int __real_EVP_PKEY_get_raw_public_key(const EVP_PKEY* a, unsigned char* b, std::size_t* c);
int __wrap_EVP_PKEY_get_raw_public_key(const EVP_PKEY* a, unsigned char* b, std::size_t* c) {
  return openssl_fault().strikes() ? 0 : __real_EVP_PKEY_get_raw_public_key(a, b, c);
}

EVP_PKEY_CTX* __real_EVP_PKEY_CTX_new(EVP_PKEY* a, ENGINE* b);
EVP_PKEY_CTX* __wrap_EVP_PKEY_CTX_new(EVP_PKEY* a, ENGINE* b) {
  return openssl_fault().strikes() ? nullptr : __real_EVP_PKEY_CTX_new(a, b);
}

int __real_EVP_PKEY_derive_init(EVP_PKEY_CTX* a);
int __wrap_EVP_PKEY_derive_init(EVP_PKEY_CTX* a) {
  return openssl_fault().strikes() ? 0 : __real_EVP_PKEY_derive_init(a);
}

int __real_EVP_PKEY_derive_set_peer(EVP_PKEY_CTX* a, EVP_PKEY* b);
int __wrap_EVP_PKEY_derive_set_peer(EVP_PKEY_CTX* a, EVP_PKEY* b) {
  return openssl_fault().strikes() ? 0 : __real_EVP_PKEY_derive_set_peer(a, b);
}

int __real_EVP_PKEY_derive(EVP_PKEY_CTX* a, unsigned char* b, std::size_t* c);
int __wrap_EVP_PKEY_derive(EVP_PKEY_CTX* a, unsigned char* b, std::size_t* c) {
  return openssl_fault().strikes() ? 0 : __real_EVP_PKEY_derive(a, b, c);
}

int __real_RAND_bytes(unsigned char* a, int b);
int __wrap_RAND_bytes(unsigned char* a, int b) {
  return openssl_fault().strikes() ? 0 : __real_RAND_bytes(a, b);
}

// NOLINTEND(bugprone-reserved-identifier)
}  // extern "C"
