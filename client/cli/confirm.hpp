#pragma once

#include <string>

#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// Asks a person at the terminal, who must say yes. Without one, `option` is what says it.
[[nodiscard]] client::Status confirm(const std::string& question, const std::string& option);

}  // namespace countersign::cli
