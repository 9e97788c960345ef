#pragma once

#include <string>

#include "countersign/bytes.hpp"

namespace countersign::engine {

/// Two lower-case digits a byte.
[[nodiscard]] inline std::string hex_of(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::byte byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4U];
    text += kDigits[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

}  // namespace countersign::engine
