#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace countersign::engine {

/// One JSON document that strangers wrote. Nothing for what is none, is nested deeper than
/// `max_depth`, or names a key twice in one object.
[[nodiscard]] std::optional<nlohmann::json> parse_strict(std::string_view text, int max_depth);

}  // namespace countersign::engine
