#pragma once

#include <memory>

#include "countersign/crypto.hpp"

struct evp_mac_st;
struct evp_mac_ctx_st;
struct evp_md_st;
struct evp_md_ctx_st;
struct evp_cipher_st;
struct evp_cipher_ctx_st;

namespace countersign::openssl {

/// Frees what OpenSSL made.
struct Free {
  void operator()(evp_mac_st* mac) const;
  void operator()(evp_mac_ctx_st* context) const;
  void operator()(evp_md_st* digest) const;
  void operator()(evp_md_ctx_st* context) const;
  void operator()(evp_cipher_st* cipher) const;
  void operator()(evp_cipher_ctx_st* context) const;
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

/// The primitives on OpenSSL 3. Keeps its contexts, so one object serves one thread.
class OpenSslCrypto final : public Crypto {
 public:
  /// Never throws; if OpenSSL could not give what is needed, every call returns false.
  OpenSslCrypto();

  [[nodiscard]] bool hmac(ByteView key, Parts parts, Digest& out) const override;
  [[nodiscard]] bool sha256(Parts parts, Digest& out) const override;
  [[nodiscard]] bool seal(const Key16& key, const Nonce& nonce, Parts aad, ByteView plain,
                          MutableBytes body,
                          std::span<std::byte, kAeadTagBytes> tag) const override;
  [[nodiscard]] bool open(const Key16& key, const Nonce& nonce, Parts aad, ByteView body,
                          ByteView tag, MutableBytes plain) const override;
  [[nodiscard]] bool dh_public(const Key32& secret, Point& out) const override;
  [[nodiscard]] bool dh_shared(const Key32& secret, const Point& peer, Key32& out) const override;

 private:
  Owned<evp_mac_st> hmac_;
  Owned<evp_md_st> sha256_;
  Owned<evp_cipher_st> gcm_;
  Owned<evp_mac_ctx_st> hmac_context_;
  Owned<evp_md_ctx_st> sha256_context_;
  Owned<evp_cipher_ctx_st> gcm_context_;
};

/// One HMAC key with the hash of its two pads ready (RFC 2104, section 4): half the price of keying
/// each time, in 65 bytes.
class OpenSslMacKey final : public MacKey {
 public:
  OpenSslMacKey() = default;
  /// Without a key, or if OpenSSL fails, `sign` returns false.
  explicit OpenSslMacKey(const Key32& key);

  [[nodiscard]] bool sign(Parts parts, Digest& out) const override;

 private:
  Key32 inner_;
  Key32 outer_;
  bool keyed_ = false;
};

/// The system's CSPRNG through OpenSSL.
class OpenSslRandom final : public Random {
 public:
  [[nodiscard]] bool fill(MutableBytes out) override;
};

}  // namespace countersign::openssl
