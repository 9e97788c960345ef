#pragma once

#include <string>

namespace countersign {

/// Looks for what would make the broker that loads us unsafe to serve.
/// \returns what is wrong and what to do, or nothing.
[[nodiscard]] std::string check_host();

}  // namespace countersign
