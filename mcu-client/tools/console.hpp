#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "countersign/client/outcome.hpp"

namespace countersign::mcu::tools {

using Json = nlohmann::ordered_json;

/// Where a command's words go: results to stdout, everything else to stderr.
class Console {
 public:
  bool json = false;  ///< results as JSON, one object per line

  /// One line of a result for people.
  void line(std::string_view text) const;
  /// `name           value`
  void row(std::string_view name, std::string_view value) const;
  /// One result for programs.
  void print(const Json& result) const;
  /// `countersign: hint: text`
  void hint(std::string_view text) const;
  /// Says what went wrong. \returns the exit code.
  [[nodiscard]] int fail(const client::Error& why) const;
  /// False once results can no longer be written: the disk is full, the reader has gone.
  [[nodiscard]] bool writable() const;
};

/// Foreign text for a terminal: all but the printable characters of ASCII become `\xNN`.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace countersign::mcu::tools
