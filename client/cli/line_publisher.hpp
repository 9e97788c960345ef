#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "console.hpp"
#include "countersign/client/client.hpp"
#include "progress_line.hpp"
#include "stop_signals.hpp"

namespace countersign::cli {

/// Publishes the lines of stdin as they come.
class LinePublisher {
 public:
  LinePublisher(const Console& console, client::Client& client, std::string identity,
                std::string topic, client::PublishOptions options, double rate);

  /// Until stdin ends or a signal comes. \returns the exit code.
  [[nodiscard]] int run(const StopSignals& signals);

 private:
  struct Tally {
    std::size_t sent = 0;
    std::size_t accepted = 0;
    std::size_t refused = 0;
    std::size_t failed = 0;
    int worst = 0;  ///< exit code
  };

  [[nodiscard]] client::Status read_all(const StopSignals& signals);
  /// Takes complete lines off `text`; all of it at the end of stdin.
  [[nodiscard]] bool publish_lines(const StopSignals& signals, std::string& text, bool at_end);
  void publish(std::string_view line);
  void count(std::size_t line, const client::Outcome<client::Published>& outcome);
  [[nodiscard]] bool keep_pace(const StopSignals& signals) const;
  void show_progress();
  void report() const;

  const Console& console_;
  client::Client& client_;
  std::string identity_;
  std::string topic_;
  client::PublishOptions options_;
  double rate_;  ///< messages per second; 0: as they come
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  ProgressLine progress_;
  std::size_t line_ = 0;
  mutable std::mutex mutex_;
  Tally tally_;  // under mutex_: outcomes come on the client's thread
};

}  // namespace countersign::cli
