#include "config/toml_guard.hpp"

#include <algorithm>

namespace countersign::config {
namespace {

/// Follows strings and comments just as far as needed to know what stands outside them. It may lose
/// its way after the first fault in the text, where toml++ has stopped.
class Guard {
 public:
  explicit Guard(std::string_view toml) : rest_{toml} {}

  TomlHazard find() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '#') {
        skip(rest_.find('\n'));
      } else if (c == '"' || c == '\'') {
        // toml++ reads on to the end of what began as a number
        if (in_number_) {
          return {line_, "a string begins in the middle of a number"};
        }
        skip_string(c);
        begins_ = false;
      } else if (!plain(c)) {
        return {line_, fault_};
      } else {
        skip(1);
      }
    }
    return {};
  }

 private:
  void skip(std::size_t count) {
    const std::string_view gone = rest_.substr(0, count);
    line_ += static_cast<std::uint32_t>(std::count(gone.begin(), gone.end(), '\n'));
    rest_.remove_prefix(gone.size());
  }

  void skip_string(char quote) {
    const bool basic = quote == '"';
    const std::string_view triple = basic ? "\"\"\"" : "'''";
    if (!rest_.starts_with(triple)) {
      skip(end_of_string(basic ? "\"\n" : "'\n", 1, 1, basic));
      return;
    }
    std::size_t end = end_of_string(triple, 3, 3, basic);
    // up to two quotes may stand right before the three that close
    for (int more = 0; more < 2 && end < rest_.size() && rest_[end] == quote; ++more) {
      ++end;
    }
    skip(end);
  }

  /// Where the string ends: after `closing`, or after any one of its characters if `size` is 1.
  [[nodiscard]] std::size_t end_of_string(std::string_view closing, std::size_t size,
                                          std::size_t from, bool escapes) const {
    for (std::size_t at = from; at < rest_.size(); ++at) {
      if (escapes && rest_[at] == '\\') {
        ++at;
        continue;
      }
      const bool closes = size == 1 ? closing.find(rest_[at]) != std::string_view::npos
                                    : rest_.substr(at).starts_with(closing);
      if (closes) {
        return at + size;
      }
    }
    return rest_.size();
  }

  /// Notes whether the word that `c` belongs to began as a number. Within one nothing but
  /// `kEnds` ends a word.
  void follow(char c) {
    constexpr std::string_view kEnds = " \t\r\n,]}";
    constexpr std::string_view kOpens = "=[{";
    constexpr std::string_view kNumbers = "0123456789+-.";
    if (kEnds.find(c) != std::string_view::npos) {
      begins_ = true;
      in_number_ = false;
      return;
    }
    if (in_number_) {
      return;
    }
    in_number_ = begins_ && kNumbers.find(c) != std::string_view::npos;
    begins_ = kOpens.find(c) != std::string_view::npos;
  }

  bool plain(char c) {
    follow(c);
    constexpr std::string_view kOfKeys =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_- \t";
    if (static_cast<unsigned char>(c) >= 0x80) {
      fault_ = "only strings and comments may hold characters beyond ASCII";
      return false;
    }
    if (c == '.') {
      fault_ = "a key has too many dots";
      return ++dots_ <= kMaxKeyDots;
    }
    dots_ = kOfKeys.find(c) == std::string_view::npos ? 0 : dots_;
    return true;
  }

  std::string_view rest_;
  std::uint32_t line_ = 1;
  std::size_t dots_ = 0;
  bool begins_ = true;      ///< the next character begins a word
  bool in_number_ = false;  ///< the word began as a number
  const char* fault_ = "";
};

}  // namespace

TomlHazard find_hazard(std::string_view toml) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  return Guard{toml.starts_with(kByteOrderMark) ? toml.substr(kByteOrderMark.size()) : toml}.find();
}

}  // namespace countersign::config
