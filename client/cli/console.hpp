#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/client/outcome.hpp"

namespace countersign::cli {

using Json = nlohmann::ordered_json;

/// Where a command's words go: results to stdout, everything else to stderr.
class Console {
 public:
  bool json = false;  ///< results as JSON, one object per line

  /// One line of a result for people.
  void line(std::string_view text) const;
  /// One result for programs.
  void print(const Json& result) const;
  /// `countersign: text`
  void note(std::string_view text) const;
  /// `countersign: hint: text`
  void hint(std::string_view text) const;
  /// Says what went wrong. \returns the exit code.
  [[nodiscard]] int fail(const client::Error& why) const;
  /// False once results can no longer be written: the disk is full, the reader has gone.
  [[nodiscard]] bool writable() const;
};

/// Foreign text for a terminal: control characters and what is no UTF-8 become `\xNN`.
[[nodiscard]] std::string printable(std::string_view text);

/// True for UTF-8, control characters of ASCII included.
[[nodiscard]] bool is_text(std::string_view bytes);

/// How many columns UTF-8 takes, near enough.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// At most `width` columns; a ~ ends what was cut.
[[nodiscard]] std::string cut(const std::string& text, std::size_t width);

/// A table with two spaces between columns; the first row is the heading.
using Row = std::vector<std::string>;
[[nodiscard]] std::vector<std::string> aligned(const std::vector<Row>& rows);

}  // namespace countersign::cli
