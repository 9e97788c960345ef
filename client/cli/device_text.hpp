#pragma once

#include <vector>

#include "answer_text.hpp"

namespace countersign::cli {

/// Devices as a table, with its heading.
[[nodiscard]] std::vector<Row> device_table(const Json& devices);
/// One device, a fact a line.
[[nodiscard]] std::vector<Row> device_rows(const Json& device);
/// Sessions as a table, with its heading.
[[nodiscard]] std::vector<Row> session_table(const Json& sessions);

/// Enrolment tokens as a table, with its heading.
[[nodiscard]] std::vector<Row> token_table(const Json& tokens);

}  // namespace countersign::cli
