#pragma once

#include <cstdint>
#include <string_view>

namespace countersign::mcu {

void start_console();

/// One line of the log on the UART: a word for what happened, then `key=value`. It ends with the
/// object. No secrets.
class LogLine {
 public:
  explicit LogLine(std::string_view event);
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;
  ~LogLine();

  LogLine& text(std::string_view key, std::string_view value);
  LogLine& number(std::string_view key, std::uint32_t value);
  LogLine& hex(std::string_view key, std::uint32_t value);
};

}  // namespace countersign::mcu
