#pragma once

#include <optional>
#include <string>
#include <string_view>

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

/// The value of one digit in either case; 16 for what is none.
[[nodiscard]] constexpr unsigned hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10U : 16U;
}

/// The N bytes that exactly 2 N digits, in either case, stand for.
template <std::size_t N>
[[nodiscard]] std::optional<Bytes<N>> bytes_in_hex(std::string_view text) {
  Bytes<N> bytes{};
  if (text.size() != 2 * N) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned value = hex_value(text[i]);
    if (value > 15) {
      return std::nullopt;
    }
    bytes[i / 2] = bytes[i / 2] << 4U | static_cast<std::byte>(value);
  }
  return bytes;
}

}  // namespace countersign::engine
