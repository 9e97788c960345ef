#pragma once

#include <string>

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

}  // namespace countersign::cli
