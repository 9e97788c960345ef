#pragma once

#include <string>
#include <variant>

#include "mosquitto_api.hpp"

namespace countersign {

/// What other access control gets to say about what Countersign does not forbid.
enum class Default { allow, defer };

/// The `plugin_opt_` lines of mosquitto.conf. They never reload.
struct Options {
  std::string config;
  Default acl = Default::defer;
  Default auth = Default::defer;
};

/// \returns the options, or what is wrong with them, in words that say what to do.
[[nodiscard]] std::variant<Options, std::string> read_options(const mosquitto_opt* options,
                                                              int count);

}  // namespace countersign
