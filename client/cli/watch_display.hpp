#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "console.hpp"

namespace countersign::cli {

/// Where a watch shows what the broker says. `status` is empty while the connection is well.
class WatchDisplay {
 public:
  WatchDisplay() = default;
  WatchDisplay(const WatchDisplay&) = delete;
  WatchDisplay& operator=(const WatchDisplay&) = delete;
  virtual ~WatchDisplay() = default;

  virtual void show(const Json& data) = 0;
  virtual void show_status(const std::string& status) = 0;
  virtual void resize() {}
  virtual void pause() {}
};

/// A line for each change, as `changes` tells them of one answer after the other; or with --json
/// each answer as it is.
[[nodiscard]] std::unique_ptr<WatchDisplay> make_line_display(
    const Console& console, std::function<std::vector<std::string>(const Json&)> changes);

}  // namespace countersign::cli
