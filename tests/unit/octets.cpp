#include "unit/octets.hpp"

namespace countersign::test {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

unsigned digit_of(char c) {
  const std::size_t value = kDigits.find(c);
  if (value == std::string_view::npos) {
    throw std::invalid_argument(std::string{"not a hex digit: "} + c);
  }
  return static_cast<unsigned>(value);
}

}  // namespace

Octets from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) {
    throw std::invalid_argument("half a byte of hex");
  }
  Octets out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    out.push_back(static_cast<std::byte>(digit_of(hex[i]) << 4 | digit_of(hex[i + 1])));
  }
  return out;
}

std::string hex(ByteView bytes) {
  std::string out;
  for (const std::byte b : bytes) {
    out += kDigits[std::to_integer<unsigned>(b) >> 4];
    out += kDigits[std::to_integer<unsigned>(b) & 0x0FU];
  }
  return out;
}

}  // namespace countersign::test
