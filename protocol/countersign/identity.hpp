#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "countersign/bytes.hpp"

namespace countersign {

inline constexpr std::size_t kMaxIdentityBytes = 64;
inline constexpr std::size_t kMinStrangerBytes = 17;  // `~` and 16 random characters

/// What an identity is. Stored in the database: frozen.
enum class Kind : std::uint8_t { device = 0, user = 1, legacy = 2, agent = 3, admin = 4 };

inline constexpr std::array<std::string_view, 5> kKindNames{"device", "user", "legacy", "agent",
                                                            "admin"};

[[nodiscard]] constexpr std::string_view name_of(Kind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

/// True for 1–64 bytes of `A-Z a-z 0-9 . _ -` (docs/protocol.md, section 0).
[[nodiscard]] bool is_identity(std::string_view text);

/// An identity owns the client ids `identity` and `identity~…`.
[[nodiscard]] bool owns_client_id(std::string_view identity, std::string_view client_id);

/// The identity that would own `client_id`: what stands before the first `~`.
/// Empty for a stranger's id and for anything that is no identity.
[[nodiscard]] std::string_view owner_of(std::string_view client_id);

/// True for `~` and at least 16 characters: the throw-away ids of those who have yet to shake
/// hands.
[[nodiscard]] bool is_stranger(std::string_view client_id);

/// False for an id with `/ + #` or control bytes, which would make our reply topics ambiguous.
[[nodiscard]] bool is_addressable(std::string_view client_id);

/// An identity by value, 65 bytes, empty or valid.
class Identity {
 public:
  Identity() = default;
  /// Empty if `text` is not an identity.
  explicit Identity(std::string_view text);

  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }
  [[nodiscard]] ByteView bytes() const { return bytes_of(text()); }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  friend bool operator==(const Identity& a, const Identity& b) { return a.text() == b.text(); }

 private:
  std::array<char, kMaxIdentityBytes> text_{};
  std::uint8_t size_ = 0;
};

}  // namespace countersign
