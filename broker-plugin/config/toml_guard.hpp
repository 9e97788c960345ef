#pragma once

#include <cstdint>
#include <string_view>

namespace countersign::config {

inline constexpr std::size_t kMaxKeyDots = 16;

/// Why a text is kept from toml++.
struct TomlHazard {
  std::uint32_t line = 0;  ///< 0: none
  const char* message = "";
};

/// Finds what toml++ 3.3 cannot take: a key with very many dots, which it follows by recursion, and
/// characters beyond ASCII outside strings and comments, where its behaviour is undefined, or in a
/// string that begins within a number, which it takes for part of it. None is TOML, or TOML that
/// anybody would write.
[[nodiscard]] TomlHazard find_hazard(std::string_view toml);

}  // namespace countersign::config
