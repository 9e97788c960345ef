#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::registrar {

inline constexpr std::size_t kMaxHeadBytes = 16'384;
inline constexpr std::size_t kMaxFields = 64;

/// The head of a request as the HTTP library may see it.
struct Head {
  Head() = default;
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;
  ~Head();

  std::string text;           ///< without Authorization and Range, up to and with the empty line
  std::string authorization;  ///< the value of that field; wiped at the end
};

/// Checks that `text` ends in its only empty line and can be understood in one way only, and takes
/// out what the library must not have: the secret, and Range, whose parser recurses once for each
/// range. \returns false for anything ambiguous (RFC 9112, section 2.2 and 5).
[[nodiscard]] bool read_head(std::string_view text, Head& out);

}  // namespace countersign::registrar
