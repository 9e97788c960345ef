#pragma once

#include <optional>
#include <string_view>

namespace countersign::config {

/// How deeply a payload may nest; deeper ones are taken for no JSON.
inline constexpr std::size_t kMaxJsonDepth = 32;

/// The number at `pointer` in `json`, which must be one whole JSON document (RFC 8259). Nothing if
/// it is not there, no number, too great for a double, or if a name on the way to it is there
/// twice: readers differ in which one they take. Allocates nothing.
[[nodiscard]] std::optional<double> find_number(std::string_view json, std::string_view pointer);

/// The number that `text` is, white space around it apart. Allocates nothing.
[[nodiscard]] std::optional<double> text_number(std::string_view text);

}  // namespace countersign::config
