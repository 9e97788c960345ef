#pragma once

#include "config/evaluation.hpp"
#include "config/section.hpp"

namespace countersign::config {

/// Reads what a rule looks at in its payloads: range, group, correlated, rate, and how they are
/// combined.
[[nodiscard]] EvaluationSpec read_evaluation(Faults& faults, const Section& rule);

}  // namespace countersign::config
