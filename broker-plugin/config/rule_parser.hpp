#pragma once

#include <optional>

#include "config/rules.hpp"
#include "config/section.hpp"

namespace countersign::config {

/// Reads `[[rule]]` and `[default]` and checks them as a whole. \returns nothing if there are
/// faults.
[[nodiscard]] std::optional<RuleBook> parse_rules(Faults& faults, const Section& top);

}  // namespace countersign::config
