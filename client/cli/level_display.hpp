#pragma once

#include <memory>

#include "watch_display.hpp"

namespace countersign::cli {

/// Levels all over the terminal that standard output is, which is as it was when this ends.
[[nodiscard]] std::unique_ptr<WatchDisplay> make_level_screen();
/// A line for each change, or JSON for each answer.
[[nodiscard]] std::unique_ptr<WatchDisplay> make_level_lines(const Console& console);

}  // namespace countersign::cli
