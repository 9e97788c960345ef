#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "countersign/bytes.hpp"

namespace countersign::config {

/// A length of time as people write it: a whole number and its unit, one of ms, s, m, h, d.
[[nodiscard]] std::optional<Millis> parse_duration(std::string_view text);

/// The shortest text that `parse_duration` reads as `time`.
[[nodiscard]] std::string duration_text(Millis time);

}  // namespace countersign::config
