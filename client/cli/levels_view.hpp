#pragma once

#include "levels.hpp"

namespace countersign::cli {

/// How much room there is, and in what style.
struct ViewStyle {
  std::size_t columns = 80;
  std::size_t rows = 24;
  bool colour = false;
};

/// A screen: totals, `status` (how the connection is), then a line for each device, as many as
/// there is room for. No line is wider than the screen.
[[nodiscard]] std::vector<std::string> screen_of(const Levels& levels, const std::string& status,
                                                 const ViewStyle& style);

/// A table, with totals and headings.
[[nodiscard]] std::vector<std::string> table_of(const Levels& levels);

/// A line for each device that has changed: time, identity, level, score, standing, kid.
[[nodiscard]] std::vector<std::string> changes_of(const Levels& levels);

}  // namespace countersign::cli
