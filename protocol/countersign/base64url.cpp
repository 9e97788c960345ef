#include "countersign/base64url.hpp"

#include <cstdint>

namespace countersign {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint32_t kNoDigit = 64;

constexpr std::uint32_t digit_of(char c) {
  for (std::uint32_t i = 0; i < kAlphabet.size(); ++i) {
    if (kAlphabet[i] == c) {
      return i;
    }
  }
  return kNoDigit;
}

}  // namespace

std::string_view encode_base64url(ByteView bytes, std::span<char> out) {
  const std::size_t size = base64url_size(bytes.size());
  if (out.size() < size) {
    return {};
  }
  std::uint32_t pending = 0;
  unsigned bits = 0;
  std::size_t used = 0;
  for (const std::byte b : bytes) {
    pending = ((pending << 8) | std::to_integer<std::uint32_t>(b)) & 0xFFFFU;
    for (bits += 8; bits >= 6; bits -= 6) {
      out[used++] = kAlphabet[(pending >> (bits - 6)) & 0x3FU];
    }
  }
  if (bits > 0) {
    out[used++] = kAlphabet[(pending << (6 - bits)) & 0x3FU];
  }
  return {out.data(), used};
}

bool decode_base64url(std::string_view text, MutableBytes out, ByteView& decoded) {
  std::uint32_t pending = 0;
  unsigned bits = 0;
  std::size_t used = 0;
  for (const char c : text) {
    const std::uint32_t digit = digit_of(c);
    if (digit == kNoDigit) {
      return false;
    }
    pending = ((pending << 6) | digit) & 0xFFFFU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      if (used == out.size()) {
        return false;
      }
      out[used++] = static_cast<std::byte>((pending >> bits) & 0xFFU);
    }
  }
  const bool canonical = bits < 6 && (pending & ((1U << bits) - 1U)) == 0;
  decoded = out.first(used);
  return canonical;
}

}  // namespace countersign
