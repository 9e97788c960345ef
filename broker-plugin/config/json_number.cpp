#include "config/json_number.hpp"

#include <charconv>
#include <cmath>

#include "config/json_pointer.hpp"
#include "config/json_text.hpp"

namespace countersign::config {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads one JSON document front to back, by recursive descent.
class Scanner {
 public:
  explicit Scanner(std::string_view json) : rest_{json} {}

  [[nodiscard]] std::optional<double> find(std::string_view pointer) {
    skip_white();
    const bool well = value({true, pointer}, 0);
    skip_white();
    return well && rest_.empty() ? found_ : std::nullopt;
  }

 private:
  void skip_white() {
    while (!rest_.empty() && is_white(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  /// `c` between white space.
  bool take_mark(char c) {
    skip_white();
    const bool taken = take(c);
    skip_white();
    return taken;
  }

  bool take_word(std::string_view word) {
    if (!rest_.starts_with(word)) {
      return false;
    }
    rest_.remove_prefix(word.size());
    return true;
  }

  bool value(PointerWay way, std::size_t depth) {
    if (depth > kMaxJsonDepth || rest_.empty()) {
      return false;
    }
    switch (rest_.front()) {
      case '{':
        return object(way, depth);
      case '[':
        return array(way, depth);
      case '"': {
        std::string_view ignored;
        return string(ignored);
      }
      case 't':
        return take_word("true");
      case 'f':
        return take_word("false");
      case 'n':
        return take_word("null");
      default:
        return number(way);
    }
  }

  bool object(PointerWay way, std::size_t depth) {
    take('{');
    skip_white();
    if (take('}')) {
      return true;
    }
    bool seen = false;
    do {
      std::string_view name;
      if (!string(name) || !take_mark(':')) {
        return false;
      }
      const bool leads = way.inside() && same_name(name, way.token());
      if ((leads && seen) || !value(leads ? way.step() : PointerWay{}, depth + 1)) {
        return false;
      }
      seen = seen || leads;
    } while (take_mark(','));
    return take('}');
  }

  bool array(PointerWay way, std::size_t depth) {
    take('[');
    skip_white();
    if (take(']')) {
      return true;
    }
    const std::optional<std::size_t> sought = way.inside() ? index_of(way.token()) : std::nullopt;
    std::size_t at = 0;
    do {
      if (!value(sought == at ? way.step() : PointerWay{}, depth + 1)) {
        return false;
      }
      ++at;
    } while (take_mark(','));
    return take(']');
  }

  /// Takes a string; `raw` becomes what stands between its quotes.
  bool string(std::string_view& raw) {
    if (!take('"')) {
      return false;
    }
    std::size_t end = 0;
    bool plain = true;
    while (end < rest_.size() && rest_[end] != '"') {
      plain = plain && rest_[end] != '\\' && static_cast<unsigned char>(rest_[end]) >= 0x20;
      end += rest_[end] == '\\' ? 2U : 1U;
    }
    if (end >= rest_.size()) {
      return false;
    }
    raw = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return plain || is_json_text(raw);
  }

  std::size_t digits(std::size_t from) const {
    std::size_t end = from;
    while (end < rest_.size() && is_digit(rest_[end])) {
      ++end;
    }
    return end;
  }

  [[nodiscard]] char at(std::size_t index) const {
    return index < rest_.size() ? rest_[index] : '\0';
  }

  /// Where the number at the front ends by RFC 8259, section 6; 0 if there is none.
  [[nodiscard]] std::size_t number_end() const {
    const std::size_t start = at(0) == '-' ? 1 : 0;
    std::size_t end = at(start) == '0' ? start + 1 : digits(start);
    if (end == start) {
      return 0;
    }
    if (at(end) == '.') {
      const std::size_t fraction = end + 1;
      end = digits(fraction);
      if (end == fraction) {
        return 0;
      }
    }
    if (at(end) == 'e' || at(end) == 'E') {
      const std::size_t exponent = end + (at(end + 1) == '-' || at(end + 1) == '+' ? 2 : 1);
      end = digits(exponent);
      return end == exponent ? 0 : end;
    }
    return end;
  }

  bool number(PointerWay way) {
    const std::size_t end = number_end();
    if (end == 0) {
      return false;
    }
    if (way.here()) {
      found_ = text_number(rest_.substr(0, end));
    }
    rest_.remove_prefix(end);
    return true;
  }

  std::string_view rest_;
  std::optional<double> found_;
};

}  // namespace

std::optional<double> find_number(std::string_view json, std::string_view pointer) {
  return Scanner{json}.find(pointer);
}

std::optional<double> text_number(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  text = text.substr(first, text.find_last_not_of(kWhite) - first + 1);
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc{} || stop != end || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace countersign::config
