#include "config/json_pointer.hpp"

#include <charconv>

namespace countersign::config {

bool is_json_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') {
    return false;
  }
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    const char code = at + 1 < text.size() ? text[at + 1] : '\0';
    if (code != '0' && code != '1') {
      return false;
    }
  }
  return true;
}

std::optional<std::size_t> index_of(std::string_view token) {
  std::size_t index = 0;
  const char* const end = token.data() + token.size();
  const auto [stop, fault] = std::from_chars(token.data(), end, index);
  const bool leading_zero = token.size() > 1 && token.front() == '0';
  if (fault != std::errc{} || stop != end || leading_zero) {
    return std::nullopt;
  }
  return index;
}

char next_of_token(std::string_view& token) {
  const char c = token.front();
  token.remove_prefix(1);
  if (c != '~' || token.empty()) {
    return c;
  }
  const char code = token.front();
  token.remove_prefix(1);
  return code == '1' ? '/' : '~';
}

bool is_token(std::string_view token, std::string_view name) {
  while (!token.empty() && !name.empty()) {
    if (next_of_token(token) != name.front()) {
      return false;
    }
    name.remove_prefix(1);
  }
  return token.empty() && name.empty();
}

}  // namespace countersign::config
