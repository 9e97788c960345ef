#pragma once

#include <string>
#include <string_view>

#include "console.hpp"

namespace countersign::cli {

/// Milliseconds since 1970 as `2026-03-01T12:00:00Z`.
[[nodiscard]] std::string time_text(std::int64_t millis);

/// A JSON value for people: text as it is, lists with commas.
[[nodiscard]] std::string plain_text(const Json& value);

/// A member of a broker's answer; null if it is not there.
[[nodiscard]] const Json& member(const Json& object, std::string_view key);

/// Milliseconds since 1970 as a person reads them; `-` if they are not there.
[[nodiscard]] std::string time_at(const Json& object, std::string_view key);

}  // namespace countersign::cli
