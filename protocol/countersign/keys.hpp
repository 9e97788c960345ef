#pragma once

#include <string_view>

#include "countersign/crypto.hpp"

namespace countersign {

/// Expand(K, label, context) = HMAC(K, "cs1 " || label || 0x00 || context || 0x01): HKDF-Expand
/// with L = 32 (RFC 5869, section 2.3), one HMAC call. `context` is given in at most 8 parts.
[[nodiscard]] bool expand(const Crypto& crypto, ByteView key, std::string_view label, Parts context,
                          Key32& out);

/// The same under a key that does not show itself: one in a key store, say.
[[nodiscard]] bool expand(const MacKey& key, std::string_view label, Parts context, Key32& out);

/// A key in plain memory where a key store's would do. Borrows both.
class HeldKey final : public MacKey {
 public:
  HeldKey(const Crypto& crypto, const Key32& key) : crypto_{crypto}, key_{key} {}
  [[nodiscard]] bool sign(Parts parts, Digest& out) const override {
    return crypto_.hmac(key_.bytes(), parts, out);
  }

 private:
  const Crypto& crypto_;
  const Key32& key_;
};

/// The leftmost 16 bytes of Expand.
[[nodiscard]] bool expand16(const Crypto& crypto, ByteView key, std::string_view label,
                            Parts context, Key16& out);

/// HKDF(salt, IKM, info), L = 32 (RFC 5869). `ikm` is given in parts.
[[nodiscard]] bool hkdf(const Crypto& crypto, ByteView salt, Parts ikm, std::string_view info,
                        Key32& out);

enum class Direction : std::uint8_t { up, down };

/// What seals in one direction of a session (docs/protocol.md, section 1).
struct SealingKey {
  Key16 enc;
  SecretKey<kNonceBytes> iv;
};

/// All keys of one direction of a session.
struct DirectionKey : SealingKey {
  Key32 mac;
};

/// Derives the keys of one direction from SK.
[[nodiscard]] bool derive(const Crypto& crypto, const Key32& sk, Direction direction,
                          DirectionKey& out);

}  // namespace countersign
