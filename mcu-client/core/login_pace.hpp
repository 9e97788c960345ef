#pragma once

#include <cstdint>

#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// When the messages of a handshake are sent, and sent again (docs/protocol.md, section 4).
class LoginPace {
 public:
  static constexpr Millis kFirstPauseMs = 1'000;
  static constexpr Millis kLongestPauseMs = 900'000;
  static constexpr Millis kAnswerMs = 10'000;  ///< for `finished` after m3, or after an answer to q

  /// A first message may be sent now.
  void start(Millis now) {
    active_ = true;
    answered_ = false;
    due_ = now;
  }
  /// T answered: from now on only m3, or the answer to q, is sent.
  void answered(Millis now) {
    if (!answered_) {
      until_ = now + kAnswerMs;
    }
    answered_ = true;
    due_ = now + kAnswerMs / 2;
  }
  /// Something was sent that is not answered yet.
  void sent(Millis now) {
    due_ = now + (answered_ ? kAnswerMs : pause_);
    if (!answered_) {
      pause_ = doubled();
    }
  }
  /// The epoch of this handshake is spent. \returns how long to wait before the next.
  [[nodiscard]] Millis failed() {
    active_ = false;
    const Millis pause = pause_;
    pause_ = doubled();
    return pause;
  }
  /// The connection that it was to renew is gone, and T has not answered.
  void cancel() { active_ = false; }
  void finished() {
    active_ = false;
    pause_ = kFirstPauseMs;
  }

  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] bool due(Millis now) const { return active_ && now >= due_; }
  [[nodiscard]] bool late(Millis now) const { return active_ && answered_ && now >= until_; }
  [[nodiscard]] bool has_answer() const { return answered_; }

 private:
  [[nodiscard]] Millis doubled() const {
    return pause_ * 2 < kLongestPauseMs ? pause_ * 2 : kLongestPauseMs;
  }

  Millis due_ = 0;
  Millis until_ = 0;
  Millis pause_ = kFirstPauseMs;
  bool active_ = false;
  bool answered_ = false;
};

/// Something that must not be done too often: each time it may be done, the next pause is twice as
/// long.
class Rarely {
 public:
  Rarely(Millis first, Millis longest) : first_{first}, longest_{longest}, pause_{first} {}

  [[nodiscard]] bool may(Millis now) {
    if (now < at_) {
      return false;
    }
    at_ = now + pause_;
    pause_ = pause_ * 2 < longest_ ? pause_ * 2 : longest_;
    return true;
  }
  void reset() {
    at_ = 0;
    pause_ = first_;
  }

 private:
  Millis first_;
  Millis longest_;
  Millis pause_;
  Millis at_ = 0;
};

}  // namespace countersign::mcu
