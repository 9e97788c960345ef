/// A configuration: taken, or refused with a reason in one line. Never a crash, never an exception.

#include <string>

#include "config/settings.hpp"
#include "fuzz/input.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using countersign::fuzz::require;
  const std::string text{data, data + size};
  const auto parsed = countersign::config::parse_settings(text, "fuzz.toml");
  if (!parsed) {
    require(!parsed.why().message.empty());
    require(parsed.why().text().find('\n') == std::string::npos);
  }
  return 0;
}
