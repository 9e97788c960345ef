#pragma once

#include <chrono>
#include <string>

namespace countersign::cli {

/// A line on standard error that is written over again and again, if that is a terminal.
class ProgressLine {
 public:
  ProgressLine();

  /// True if enough time has gone by since the last one.
  [[nodiscard]] bool due() const;
  void show(const std::string& text);
  void clear() const;

 private:
  using Clock = std::chrono::steady_clock;

  bool on_terminal_;
  Clock::time_point shown_ = Clock::now();
};

}  // namespace countersign::cli
