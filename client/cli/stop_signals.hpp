#pragma once

#include <chrono>
#include <optional>

namespace countersign::cli {

/// SIGINT, SIGTERM and SIGHUP as something to wait for. Make it before the first thread: threads
/// inherit that these signals are held back. Used by the main thread alone.
class StopSignals {
 public:
  enum class Also { nothing, terminal };  ///< terminal: SIGWINCH and SIGTSTP too

  explicit StopSignals(Also also = Also::nothing);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// From now on they end the process, as if this object were not there.
  void let_through() const;
  void hold_back() const;

  enum class Event { stopped, ready, timed_out, resized, paused };

  /// Waits for a signal, or until `fd` (if not negative) can be read, or for `timeout`; forever
  /// without one.
  [[nodiscard]] Event wait(int fd, std::optional<std::chrono::nanoseconds> timeout) const;

 private:
  int fd_ = -1;
  int terminal_fd_ = -1;
};

/// One thread wakes another through a file descriptor.
class Wakeup {
 public:
  Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  ~Wakeup();

  void wake() const;
  /// Until the next `wake`.
  void rest() const;
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace countersign::cli
