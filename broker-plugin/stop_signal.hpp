#pragma once

namespace countersign {

/// Notes SIGTERM and SIGINT before the broker's own handlers run: it asks about the wills of a stop
/// without saying that it stops. Install after the broker has installed its own, i.e. from the
/// first TICK; one at a time in a process.
class StopSignal {
 public:
  StopSignal() = default;
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void install();
  [[nodiscard]] bool seen() const;

 private:
  bool installed_ = false;
};

}  // namespace countersign
