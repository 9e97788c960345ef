#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "mosquitto_conf.hpp"

namespace countersign::cli {

enum class Severity : std::uint8_t {
  error,    ///< breaks security or operation
  warning,  ///< will bite one day
  note,     ///< good to know
};
inline constexpr std::array<std::string_view, 3> kSeverityNames{"error", "warning", "note"};

/// One thing that doctor has to say.
struct Finding {
  Severity severity = Severity::note;
  Place place;
  std::string text;
  std::string hint;  ///< what to do; may be empty
};

using Findings = std::vector<Finding>;

}  // namespace countersign::cli
