#pragma once

#include <memory>
#include <string>

#include "console.hpp"

namespace countersign::cli {

/// Where levels are shown. `status` is empty while the connection is well.
class LevelDisplay {
 public:
  LevelDisplay() = default;
  LevelDisplay(const LevelDisplay&) = delete;
  LevelDisplay& operator=(const LevelDisplay&) = delete;
  virtual ~LevelDisplay() = default;

  virtual void show(const Json& data) = 0;
  virtual void show_status(const std::string& status) = 0;
  virtual void resize() {}
  virtual void pause() {}
};

/// All over the terminal that standard output is, which is as it was when this ends.
[[nodiscard]] std::unique_ptr<LevelDisplay> make_screen_display();
/// A line for each change, or JSON for each answer.
[[nodiscard]] std::unique_ptr<LevelDisplay> make_line_display(const Console& console);

}  // namespace countersign::cli
