#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace countersign::client {

/// How an identity of ours logs in (docs/protocol.md, section 6).
enum class Method : std::uint8_t { aplus, mfar };

inline constexpr std::array<std::string_view, 2> kMethodNames{"a+", "mfar"};

[[nodiscard]] constexpr std::string_view name_of(Method method) {
  return kMethodNames[static_cast<std::size_t>(method)];
}

}  // namespace countersign::client
