#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace countersign::config {

/// Walks the characters of a JSON string (without its quotes), or of a token of a JSON pointer, one
/// UTF-8 byte at a time, escapes resolved.
class JsonText {
 public:
  explicit JsonText(std::string_view raw) : rest_{raw} {}

  /// The next byte, or -1 at the end or at a fault.
  int next();
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  int escape();
  int unicode();
  [[nodiscard]] std::uint32_t hex4();
  int encode(std::uint32_t code);

  std::string_view rest_;
  unsigned char queue_[3] = {};  ///< bytes of a character that are still to come, last one first
  std::size_t queued_ = 0;
  bool ok_ = true;
};

/// True if `raw` can stand between the quotes of a JSON string (RFC 8259, section 7).
[[nodiscard]] bool is_json_text(std::string_view raw);

/// True if the JSON string `raw` (without its quotes) and the JSON pointer token `token` say the
/// same.
[[nodiscard]] bool same_name(std::string_view raw, std::string_view token);

}  // namespace countersign::config
