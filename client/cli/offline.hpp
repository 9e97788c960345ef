#pragma once

#include "config/config_error.hpp"
#include "countersign/client/outcome.hpp"
#include "store/outcome.hpp"

namespace countersign::cli {

inline constexpr const char* kConfigFile = "/etc/countersign/countersign.toml";

/// What the offline parts of the plugin complain about, as this command's own errors.
[[nodiscard]] inline client::Error error_of(const store::Failure& why) {
  return {.fault = client::Fault::file, .text = why.text, .hint = why.hint};
}
[[nodiscard]] inline client::Error error_of(config::ConfigError why) {
  const std::string hint = std::move(why.hint);
  why.hint.clear();
  return {.fault = client::Fault::file, .text = why.text(), .hint = hint};
}

}  // namespace countersign::cli
