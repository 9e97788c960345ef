#pragma once

#include <string>

#include "countersign/client/outcome.hpp"

namespace countersign::cli {

/// Before anything is made that only this file will hold: whether it can be written, and stands in
/// nobody's way. `option` names another one. An empty path asks about the current folder alone.
[[nodiscard]] client::Status check_new_file(const std::string& path, const std::string& option);

}  // namespace countersign::cli
