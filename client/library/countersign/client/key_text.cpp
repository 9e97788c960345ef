#include "countersign/client/key_text.hpp"

#include <charconv>

namespace countersign::client {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit_of(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

void write_hex(ByteView bytes, MutableBytes out) {
  Writer text{out};
  for (const std::byte b : bytes) {
    const auto value = std::to_integer<std::size_t>(b);
    text.be(static_cast<std::uint8_t>(kDigits[value >> 4]));
    text.be(static_cast<std::uint8_t>(kDigits[value & 0x0FU]));
  }
}

bool read_hex(std::string_view text, MutableBytes out) {
  if (text.size() != 2 * out.size()) {
    return false;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      wipe(out);
      return false;
    }
    out[i] = static_cast<std::byte>(high << 4 | low);
  }
  return true;
}

void write_line_text(ByteView text, Writer& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto value = std::to_integer<std::uint8_t>(text[i]);
    const bool end = i == 0 || i + 1 == text.size();
    if (value < ' ' || value == 0x7F || value == '#' || value == '%' || (value == ' ' && end)) {
      out.be(std::uint8_t{'%'});
      write_hex(text.subspan(i, 1), out.claim(2));
    } else {
      out.be(value);
    }
  }
}

std::optional<ByteView> read_line_text(std::string_view text, MutableBytes out) {
  std::size_t size = 0;
  while (!text.empty()) {
    const bool escaped = text.front() == '%';
    if (size == out.size() || (escaped && !read_hex(text.substr(1, 2), out.subspan(size, 1)))) {
      return std::nullopt;
    }
    if (!escaped) {
      out[size] = static_cast<std::byte>(text.front());
    }
    text.remove_prefix(escaped ? 3 : 1);
    ++size;
  }
  return out.first(size);
}

std::optional<std::uint32_t> read_number(std::string_view text, std::uint32_t largest) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool shortest = text.size() == 1 || (!text.empty() && text.front() != '0');
  if (error != std::errc{} || end != text.data() + text.size() || !shortest || value > largest) {
    return std::nullopt;
  }
  return value;
}

}  // namespace countersign::client
