#include "config/config_error.hpp"

#include <algorithm>

namespace countersign::config {

std::string ConfigError::text() const {
  std::string out = file;
  if (line != 0) {
    out += ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  out += ": " + message;
  if (!hint.empty()) {
    out += " (" + hint + ")";
  }
  // the parser quotes what it stumbled over, line breaks and escape characters included
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  std::replace_if(out.begin(), out.end(), is_control, ' ');
  return out;
}

}  // namespace countersign::config
