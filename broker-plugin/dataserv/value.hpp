#pragma once

#include <optional>

#include "config/evaluation.hpp"

namespace countersign::dataserv {

/// The finite number at `path` of a payload, or nothing: missing, no number, NaN, infinite, no
/// payload of that format. Allocates nothing.
[[nodiscard]] std::optional<double> find_value(ByteView payload, config::Format format,
                                               const config::ValuePath& path);

}  // namespace countersign::dataserv
