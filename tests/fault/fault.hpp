#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

namespace countersign::test {

/// Says which call fails: the n-th, counted from 0.
class Fault {
 public:
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  void arm(std::size_t call) {
    fails_at_ = call;
    calls_ = 0;
  }
  void disarm() { arm(kNever); }
  /// True if the call that is now being made must fail.
  [[nodiscard]] bool strikes() { return calls_++ == fails_at_; }
  /// True if the armed call was made.
  [[nodiscard]] bool struck() const { return fails_at_ != kNever && calls_ > fails_at_; }

 private:
  std::size_t fails_at_ = kNever;
  std::size_t calls_ = 0;
};

/// Runs `attempt` with each of its calls failing in turn, until one run meets no fault.
/// \returns how many calls there were.
inline std::size_t fail_each_call(Fault& fault, const std::function<void()>& attempt) {
  constexpr std::size_t kMaxCalls = 500;
  for (std::size_t call = 0; call < kMaxCalls; ++call) {
    const testing::ScopedTrace trace{__FILE__, __LINE__, "call " + std::to_string(call)};
    fault.arm(call);
    attempt();
    if (!fault.struck()) {
      fault.disarm();
      return call;
    }
  }
  ADD_FAILURE() << "more calls than a test should make";
  return kMaxCalls;
}

}  // namespace countersign::test
