#include "config/config_error.hpp"

namespace countersign::config {

std::string ConfigError::text() const {
  std::string out = file;
  if (line != 0) {
    out += ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  out += ": " + message;
  return hint.empty() ? out : out + " (" + hint + ")";
}

}  // namespace countersign::config
