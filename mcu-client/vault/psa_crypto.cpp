#include "vault/psa_crypto.hpp"

#include "vault/padded_key.hpp"
#include "vault/sha256.hpp"
#include "vault/x25519.hpp"

extern "C" {
#include <mbedtls/gcm.h>
}

namespace countersign::mcu {
namespace {

constexpr unsigned kKeyBits = 128;

/// One AES-128-GCM operation. Wipes itself.
class Gcm {
 public:
  Gcm() { mbedtls_gcm_init(&context_); }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;
  ~Gcm() { mbedtls_gcm_free(&context_); }

  /// `mode` is MBEDTLS_GCM_ENCRYPT or MBEDTLS_GCM_DECRYPT.
  [[nodiscard]] bool run(int mode, const Key16& key, const Nonce& nonce, Parts aad, ByteView in,
                         MutableBytes out, Tag& tag) {
    std::size_t written = 0;
    return begin(mode, key, nonce) && add(aad) &&
           mbedtls_gcm_update(&context_, raw(in.data()), in.size(), raw(out.data()), out.size(),
                              &written) == 0 &&
           written == in.size() &&
           mbedtls_gcm_finish(&context_, nullptr, 0, &written, raw(tag.data()), tag.size()) == 0;
  }

 private:
  [[nodiscard]] bool begin(int mode, const Key16& key, const Nonce& nonce) {
    return mbedtls_gcm_setkey(&context_, MBEDTLS_CIPHER_ID_AES, raw(key.bytes().data()),
                              kKeyBits) == 0 &&
           mbedtls_gcm_starts(&context_, mode, raw(nonce.data()), nonce.size()) == 0;
  }

  [[nodiscard]] bool add(Parts aad) {
    for (const ByteView part : aad) {
      if (mbedtls_gcm_update_ad(&context_, raw(part.data()), part.size()) != 0) {
        return false;
      }
    }
    return true;
  }

  mbedtls_gcm_context context_;
};

}  // namespace

/// RFC 2104, section 2, one hash after the other in the same place: the stack is small.
bool PsaCrypto::hmac(ByteView key, Parts parts, Digest& out) const {
  Sha256 hash;
  PaddedKey block;
  return pad_key(hash, key, block) && begin_inner(hash, block) && hash.add(parts) &&
         hash.finish(out) && begin_outer(hash, block) && hash.add(out) && hash.finish(out);
}

bool PsaCrypto::sha256(Parts parts, Digest& out) const {
  Sha256 hash;
  return hash.start() && hash.add(parts) && hash.finish(out);
}

bool PsaCrypto::seal(const Key16& key, const Nonce& nonce, Parts aad, ByteView plain,
                     MutableBytes body, std::span<std::byte, kAeadTagBytes> tag) const {
  Gcm gcm;
  Tag made{};
  if (body.size() != plain.size() ||
      !gcm.run(MBEDTLS_GCM_ENCRYPT, key, nonce, aad, plain, body, made)) {
    return false;
  }
  copy(made, tag);
  return true;
}

bool PsaCrypto::open(const Key16& key, const Nonce& nonce, Parts aad, ByteView body, ByteView tag,
                     MutableBytes plain) const {
  Gcm gcm;
  Tag wanted{};
  const bool right = plain.size() == body.size() &&
                     gcm.run(MBEDTLS_GCM_DECRYPT, key, nonce, aad, body, plain, wanted) &&
                     same_tag(wanted, tag);
  wipe(wanted);  // the right tag of a wrong message
  if (!right) {
    wipe(plain);
  }
  return right;
}

bool PsaCrypto::dh_public(const Key32& secret, Point& out) const {
  constexpr Point kBase{std::byte{9}};
  return x25519(secret, kBase, out);
}

bool PsaCrypto::dh_shared(const Key32& secret, const Point& peer, Key32& out) const {
  return x25519(secret, peer, out.fill());
}

}  // namespace countersign::mcu
