#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.hpp"

namespace countersign::config {

enum class Action : std::uint8_t { publish, subscribe, read };

/// What the rules decide, and why, in words.
struct Explanation {
  bool allowed = false;
  std::string rule;                  ///< the name of the rule that decided
  std::vector<std::string> reasons;  ///< in the order in which they were found
};

/// What `party` may do with `topic` (a filter for subscribe), were its message otherwise in order.
[[nodiscard]] Explanation explain(const Settings& settings, const Party& party, Action action,
                                  std::string_view topic);

}  // namespace countersign::config
