#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace countersign::mcu {

/// What the reference firmware can be told to do. Which of these it does obey is provisioned.
class Orders {
 public:
  /// Borrows the list, whose indices are those of commands taken.
  explicit Orders(std::span<const std::string_view> allowed) : allowed_{allowed} {}

  [[nodiscard]] bool any() const { return !allowed_.empty(); }
  [[nodiscard]] bool is_report(std::size_t command) const { return is(command, kReport); }
  [[nodiscard]] bool is_rekey(std::size_t command) const { return is(command, kRekey); }

  /// Carries the command out. \returns the word to answer with: `done`, or `unsupported` for a word
  /// that was allowed and means nothing here.
  [[nodiscard]] std::string_view run(std::size_t command) {
    if (is(command, kPause) || is(command, kResume)) {
      paused_ = is(command, kPause);
    } else if (is(command, kLedOn) || is(command, kLedOff)) {
      led_ = is(command, kLedOn);
    } else if (!is_report(command) && !is_rekey(command) && !is(command, kPing)) {
      return kUnsupported;
    }
    return kDone;
  }

  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] bool led() const { return led_; }

 private:
  static constexpr std::string_view kReport = "report";
  static constexpr std::string_view kRekey = "rekey";
  static constexpr std::string_view kPause = "pause";
  static constexpr std::string_view kResume = "resume";
  static constexpr std::string_view kLedOn = "led-on";
  static constexpr std::string_view kLedOff = "led-off";
  static constexpr std::string_view kPing = "ping";
  static constexpr std::string_view kDone = "done";
  static constexpr std::string_view kUnsupported = "unsupported";

  [[nodiscard]] bool is(std::size_t command, std::string_view word) const {
    return command < allowed_.size() && allowed_[command] == word;
  }

  std::span<const std::string_view> allowed_;
  bool paused_ = false;
  bool led_ = false;
};

}  // namespace countersign::mcu
