#include "openssl/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <limits>

namespace countersign::openssl {
namespace {

unsigned char* out_of(MutableBytes bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

const unsigned char* in_of(ByteView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool fits_int(std::size_t size) { return size <= std::numeric_limits<int>::max(); }

bool update_mac(EVP_MAC_CTX* context, Parts parts, Digest& out) {
  for (const ByteView part : parts) {
    if (!part.empty() && EVP_MAC_update(context, in_of(part), part.size()) != 1) {
      return false;
    }
  }
  std::size_t size = 0;
  return EVP_MAC_final(context, out_of(out), &size, out.size()) == 1 && size == out.size();
}

/// A fresh context needs `choice`; later it is kept, and looking the digest up again is dear.
bool init_hmac(EVP_MAC_CTX* context, ByteView key, const OSSL_PARAM* choice) {
  const unsigned char none = 0;  // a null key would mean "as before"
  return EVP_MAC_init(context, key.empty() ? &none : in_of(key), key.size(), choice) == 1;
}

/// A context that holds `key`, or null.
Owned<evp_mac_ctx_st> hmac_context(EVP_MAC* hmac, ByteView key) {
  char digest[] = "SHA256";
  const OSSL_PARAM choice[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  Owned<evp_mac_ctx_st> context{hmac != nullptr ? EVP_MAC_CTX_new(hmac) : nullptr};
  if (context && !init_hmac(context.get(), key, choice)) {
    context.reset();
  }
  return context;
}

bool feed_aad(EVP_CIPHER_CTX* context, Parts aad) {
  int written = 0;
  for (const ByteView part : aad) {
    if (!fits_int(part.size()) ||
        (!part.empty() && EVP_CipherUpdate(context, nullptr, &written, in_of(part),
                                           static_cast<int>(part.size())) != 1)) {
      return false;
    }
  }
  return true;
}

bool run_cipher(EVP_CIPHER_CTX* context, ByteView in, MutableBytes out) {
  int written = 0;
  return in.empty() || EVP_CipherUpdate(context, out_of(out), &written, in_of(in),
                                        static_cast<int>(in.size())) == 1;
}

bool end_cipher(EVP_CIPHER_CTX* context) {
  int written = 0;
  unsigned char none[kAeadTagBytes];
  return EVP_CipherFinal_ex(context, none, &written) == 1 && written == 0;
}

/// Takes back what failed calls leave in the thread's error queue. The host's TLS asks that queue
/// after each read and would close an innocent connection (SSL_get_error(3), "the current thread's
/// error queue must be empty").
class ErrorsOfOurs {
 public:
  ErrorsOfOurs() { ERR_set_mark(); }
  ErrorsOfOurs(const ErrorsOfOurs&) = delete;
  ErrorsOfOurs& operator=(const ErrorsOfOurs&) = delete;
  ~ErrorsOfOurs() { ERR_pop_to_mark(); }
};

using PublicKey = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using Exchange =
    std::unique_ptr<EVP_PKEY_CTX,
                    decltype([](EVP_PKEY_CTX* context) { EVP_PKEY_CTX_free(context); })>;

PublicKey private_key(const Key32& secret) {
  return PublicKey{EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, in_of(secret.bytes()),
                                                secret.bytes().size())};
}

}  // namespace

void Free::operator()(evp_mac_st* mac) const { EVP_MAC_free(mac); }
void Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }
void Free::operator()(evp_md_st* digest) const { EVP_MD_free(digest); }
void Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }
void Free::operator()(evp_cipher_st* cipher) const { EVP_CIPHER_free(cipher); }
void Free::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

OpenSslCrypto::OpenSslCrypto()
    : hmac_{EVP_MAC_fetch(nullptr, "HMAC", nullptr)},
      sha256_{EVP_MD_fetch(nullptr, "SHA256", nullptr)},
      gcm_{EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr)},
      hmac_context_{hmac_context(hmac_.get(), {})},
      sha256_context_{EVP_MD_CTX_new()},
      gcm_context_{EVP_CIPHER_CTX_new()} {}

bool OpenSslCrypto::hmac(ByteView key, Parts parts, Digest& out) const {
  return hmac_context_ && init_hmac(hmac_context_.get(), key, nullptr) &&
         update_mac(hmac_context_.get(), parts, out);
}

bool OpenSslCrypto::sha256(Parts parts, Digest& out) const {
  if (!sha256_ || !sha256_context_ ||
      EVP_DigestInit_ex(sha256_context_.get(), sha256_.get(), nullptr) != 1) {
    return false;
  }
  for (const ByteView part : parts) {
    if (EVP_DigestUpdate(sha256_context_.get(), part.data(), part.size()) != 1) {
      return false;
    }
  }
  return EVP_DigestFinal_ex(sha256_context_.get(), out_of(out), nullptr) == 1;
}

bool OpenSslCrypto::seal(const Key16& key, const Nonce& nonce, Parts aad, ByteView plain,
                         MutableBytes body, std::span<std::byte, kAeadTagBytes> tag) const {
  EVP_CIPHER_CTX* const context = gcm_context_.get();
  return gcm_ && context != nullptr && fits_int(plain.size()) && body.size() == plain.size() &&
         EVP_CipherInit_ex2(context, gcm_.get(), in_of(key.bytes()), in_of(nonce), 1, nullptr) ==
             1 &&
         feed_aad(context, aad) && run_cipher(context, plain, body) && end_cipher(context) &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, tag.data()) == 1;
}

bool OpenSslCrypto::open(const Key16& key, const Nonce& nonce, Parts aad, ByteView body,
                         ByteView tag, MutableBytes plain) const {
  EVP_CIPHER_CTX* const context = gcm_context_.get();
  if (!gcm_ || context == nullptr || !fits_int(body.size()) || plain.size() != body.size() ||
      tag.size() != kAeadTagBytes) {
    wipe(plain);
    return false;
  }
  const ErrorsOfOurs errors;
  Tag expected;
  copy(tag, expected);
  const bool opened =
      EVP_CipherInit_ex2(context, gcm_.get(), in_of(key.bytes()), in_of(nonce), 0, nullptr) == 1 &&
      feed_aad(context, aad) && run_cipher(context, body, plain) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, expected.data()) == 1 &&
      end_cipher(context);
  if (!opened) {
    wipe(plain);
  }
  return opened;
}

bool OpenSslCrypto::dh_public(const Key32& secret, Point& out) const {
  const ErrorsOfOurs errors;
  const PublicKey key = private_key(secret);
  std::size_t size = out.size();
  return key && EVP_PKEY_get_raw_public_key(key.get(), out_of(out), &size) == 1 &&
         size == out.size();
}

bool OpenSslCrypto::dh_shared(const Key32& secret, const Point& peer, Key32& out) const {
  const ErrorsOfOurs errors;
  const PublicKey mine = private_key(secret);
  const PublicKey theirs{
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, in_of(peer), peer.size())};
  const Exchange exchange{mine ? EVP_PKEY_CTX_new(mine.get(), nullptr) : nullptr};
  std::size_t size = out.fill().size();
  // OpenSSL refuses the all-zero result itself; we do not rely on it
  constexpr Point kZero{};
  return theirs && exchange && EVP_PKEY_derive_init(exchange.get()) == 1 &&
         EVP_PKEY_derive_set_peer(exchange.get(), theirs.get()) == 1 &&
         EVP_PKEY_derive(exchange.get(), out_of(out.fill()), &size) == 1 && size == kPointBytes &&
         !same_tag(out.bytes(), kZero);
}

bool OpenSslRandom::fill(MutableBytes out) {
  const ErrorsOfOurs errors;
  return fits_int(out.size()) && RAND_bytes(out_of(out), static_cast<int>(out.size())) == 1;
}

}  // namespace countersign::openssl
