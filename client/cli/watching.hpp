#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "connection.hpp"
#include "watch_display.hpp"

namespace countersign::cli {

/// Asks the broker the same again and again and shows what is different, until a signal ends it.
class Watching {
 public:
  /// Adds `--every` and `--once`.
  void declare(CLI::App& app);

  /// The command whose answer is shown, made anew each time: the screen may have changed.
  std::function<Json()> command;
  std::function<std::unique_ptr<WatchDisplay>()> screen;
  std::function<std::unique_ptr<WatchDisplay>(const Console&)> lines;
  /// One answer as a table, for `--once`.
  std::function<std::vector<std::string>(const Json&)> table;

  /// \returns the exit code.
  [[nodiscard]] int run(const Console& console, const Connection& connection) const;
  [[nodiscard]] bool once() const { return once_; }

 private:
  [[nodiscard]] int look_once(const Console& console, const Connection& connection) const;
  [[nodiscard]] client::Status watch(const class StopSignals& signals, class AdminPoller& poller,
                                     client::Client& client, const Console& console,
                                     WatchDisplay& display) const;

  double every_s_ = 1;
  bool once_ = false;
};

}  // namespace countersign::cli
