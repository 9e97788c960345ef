#pragma once

#include <string_view>
#include <vector>

#include "console.hpp"

namespace countersign::cli {

/// A member of a broker's answer; null if it is not there.
[[nodiscard]] const Json& member(const Json& object, std::string_view key);

/// Devices as a table, with its heading.
[[nodiscard]] std::vector<Row> device_table(const Json& devices);
/// One device, a fact a line.
[[nodiscard]] std::vector<Row> device_rows(const Json& device);
/// Sessions as a table, with its heading.
[[nodiscard]] std::vector<Row> session_table(const Json& sessions);

}  // namespace countersign::cli
