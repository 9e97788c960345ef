#pragma once

#include "countersign/crypto.hpp"

namespace countersign::mcu {

/// The primitives from mbedTLS, without a heap and without a copy of what is to be hashed. X25519
/// is there in an image with suite 1 alone (x25519.hpp).
class PsaCrypto final : public Crypto {
 public:
  [[nodiscard]] bool hmac(ByteView key, Parts parts, Digest& out) const override;
  [[nodiscard]] bool sha256(Parts parts, Digest& out) const override;
  [[nodiscard]] bool seal(const Key16& key, const Nonce& nonce, Parts aad, ByteView plain,
                          MutableBytes body,
                          std::span<std::byte, kAeadTagBytes> tag) const override;
  [[nodiscard]] bool open(const Key16& key, const Nonce& nonce, Parts aad, ByteView body,
                          ByteView tag, MutableBytes plain) const override;
  [[nodiscard]] bool dh_public(const Key32& secret, Point& out) const override;
  [[nodiscard]] bool dh_shared(const Key32& secret, const Point& peer, Key32& out) const override;
};

}  // namespace countersign::mcu
