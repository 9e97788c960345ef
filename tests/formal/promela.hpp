#pragma once

#include <string>

namespace countersign::test {

/// kTransitions and the constants beside it as formal/transitions.pml, byte for byte.
[[nodiscard]] std::string promela_of_transitions();

/// formal/cases.pml: what observe(), log_in() and renew() answer from every level and score, as
/// assertions.
[[nodiscard]] std::string promela_of_cases();

}  // namespace countersign::test
