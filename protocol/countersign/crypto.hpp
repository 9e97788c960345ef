#pragma once

#include <cstddef>
#include <span>

#include "countersign/bytes.hpp"

namespace countersign {

inline constexpr std::size_t kDigestBytes = 32;
inline constexpr std::size_t kTagBytes = 16;
inline constexpr std::size_t kShortTagBytes = 8;
inline constexpr std::size_t kAeadTagBytes = 16;
inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kPointBytes = 32;

using Digest = Bytes<kDigestBytes>;
using Tag = Bytes<kTagBytes>;
using Nonce = Bytes<kNonceBytes>;
using Point = Bytes<kPointBytes>;
using Parts = std::span<const ByteView>;

/// A secret of `N` bytes. Every copy wipes itself when it ends. Never logged, never compared with
/// ==.
template <std::size_t N>
class SecretKey {
 public:
  SecretKey() = default;
  explicit SecretKey(std::span<const std::byte, N> bytes) { copy(bytes, bytes_); }
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey() { wipe(bytes_); }

  [[nodiscard]] std::span<const std::byte, N> bytes() const { return bytes_; }
  /// The place to write the secret to.
  [[nodiscard]] std::span<std::byte, N> fill() { return bytes_; }
  /// The same, for who writes all of it.
  [[nodiscard]] Bytes<N>& array() { return bytes_; }

 private:
  Bytes<N> bytes_{};
};

using Key32 = SecretKey<32>;
using Key16 = SecretKey<16>;

/// One HMAC-SHA-256 key, ready for use many times (RFC 2104): OpenSSL, PSA and the smart card each
/// stand behind it, and none of them shows its key. Not thread-safe.
class MacKey {
 public:
  /// Writes the HMAC over the concatenation of `parts` to `out`.
  /// \returns false if the backend fails; `out` is then worthless.
  [[nodiscard]] virtual bool sign(Parts parts, Digest& out) const = 0;

 protected:
  MacKey() = default;
  MacKey(const MacKey&) = default;
  MacKey& operator=(const MacKey&) = default;
  ~MacKey() = default;  // never owned through this type
};

/// The primitives of docs/protocol.md, section 0. Every function returns false if the backend
/// fails, and its output is then worthless.
class Crypto {
 public:
  /// HMAC-SHA-256 over the concatenation of `parts` (RFC 2104, RFC 4231).
  [[nodiscard]] virtual bool hmac(ByteView key, Parts parts, Digest& out) const = 0;

  /// SHA-256 over the concatenation of `parts` (FIPS 180-4).
  [[nodiscard]] virtual bool sha256(Parts parts, Digest& out) const = 0;

  /// AES-128-GCM (NIST SP 800-38D). `body` takes `plain.size()` bytes, exactly, and may be `plain`.
  [[nodiscard]] virtual bool seal(const Key16& key, const Nonce& nonce, Parts aad, ByteView plain,
                                  MutableBytes body,
                                  std::span<std::byte, kAeadTagBytes> tag) const = 0;

  /// Opens what `seal` made. `plain` takes `body.size()` bytes, exactly, and may be `body`.
  /// \returns false also if the tag is wrong or not 16 bytes long; `plain` is then wiped.
  [[nodiscard]] virtual bool open(const Key16& key, const Nonce& nonce, Parts aad, ByteView body,
                                  ByteView tag, MutableBytes plain) const = 0;

  /// The public point of an X25519 secret (RFC 7748).
  [[nodiscard]] virtual bool dh_public(const Key32& secret, Point& out) const = 0;

  /// X25519. \returns false also for the all-zero result (RFC 7748, section 6.1).
  [[nodiscard]] virtual bool dh_shared(const Key32& secret, const Point& peer,
                                       Key32& out) const = 0;

 protected:
  Crypto() = default;
  Crypto(const Crypto&) = default;
  Crypto& operator=(const Crypto&) = default;
  ~Crypto() = default;  // never owned through this type
};

/// Where random bytes come from: a CSPRNG, or nothing.
class Random {
 public:
  /// Fills `out` wholly. \returns false without entropy; nothing may then be made with `out`.
  [[nodiscard]] virtual bool fill(MutableBytes out) = 0;

 protected:
  Random() = default;
  Random(const Random&) = default;
  Random& operator=(const Random&) = default;
  ~Random() = default;
};

}  // namespace countersign
