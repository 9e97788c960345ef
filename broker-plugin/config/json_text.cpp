#include "config/json_text.hpp"

#include "config/json_pointer.hpp"

namespace countersign::config {
namespace {

constexpr std::uint32_t kBadHex = 0xFFFF'FFFF;

bool between(std::uint32_t code, std::uint32_t low, std::uint32_t high) {
  return code >= low && code <= high;
}

int digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

int JsonText::next() {
  if (queued_ > 0) {
    return queue_[--queued_];
  }
  if (rest_.empty() || !ok_) {
    return -1;
  }
  const char c = rest_.front();
  rest_.remove_prefix(1);
  if (c == '\\') {
    return escape();
  }
  ok_ = static_cast<unsigned char>(c) >= 0x20;
  return ok_ ? static_cast<unsigned char>(c) : -1;
}

int JsonText::escape() {
  constexpr std::string_view kCodes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char code = rest_.empty() ? '\0' : rest_.front();
  rest_ = rest_.substr(rest_.empty() ? 0 : 1);
  if (code == 'u') {
    return unicode();
  }
  const std::size_t at = kCodes.find(code);
  ok_ = at != std::string_view::npos;
  return ok_ ? kMeanings[at] : -1;
}

std::uint32_t JsonText::hex4() {
  std::uint32_t code = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int value = i < rest_.size() ? digit(rest_[i]) : -1;
    if (value < 0) {
      return kBadHex;
    }
    code = code << 4U | static_cast<std::uint32_t>(value);
  }
  rest_.remove_prefix(4);
  return code;
}

int JsonText::unicode() {
  std::uint32_t code = hex4();
  if (between(code, 0xD800, 0xDBFF) && rest_.starts_with("\\u")) {
    rest_.remove_prefix(2);
    const std::uint32_t low = hex4();
    code = between(low, 0xDC00, 0xDFFF) ? 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00)
                                        : kBadHex;
  }
  ok_ = code != kBadHex && !between(code, 0xD800, 0xDFFF);
  return ok_ ? encode(code) : -1;
}

int JsonText::encode(std::uint32_t code) {
  if (code < 0x80) {
    return static_cast<int>(code);
  }
  const std::size_t following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  for (std::size_t i = 0; i < following; ++i) {
    queue_[i] = static_cast<unsigned char>(0x80U | (code & 0x3FU));
    code >>= 6U;
  }
  queued_ = following;
  constexpr unsigned kLeads[] = {0, 0xC0, 0xE0, 0xF0};
  return static_cast<int>(kLeads[following] | code);
}

bool is_json_text(std::string_view raw) {
  JsonText text{raw};
  while (text.next() != -1) {
  }
  return text.ok();
}

bool same_name(std::string_view raw, std::string_view token) {
  JsonText text{raw};
  while (!token.empty()) {
    if (text.next() != static_cast<unsigned char>(next_of_token(token))) {
      return false;
    }
  }
  return text.next() == -1 && text.ok();
}

}  // namespace countersign::config
