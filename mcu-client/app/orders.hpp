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
  [[nodiscard]] bool is_report(std::size_t command) const { return is(command, "report"); }
  [[nodiscard]] bool is_rekey(std::size_t command) const { return is(command, "rekey"); }

  /// Carries the command out. \returns the word to answer with: `done`, or `unsupported` for a word
  /// that was allowed and means nothing here.
  [[nodiscard]] std::string_view run(std::size_t command) {
    if (is(command, "pause") || is(command, "resume")) {
      paused_ = is(command, "pause");
    } else if (is(command, "led-on") || is(command, "led-off")) {
      led_ = is(command, "led-on");
    } else if (!is_report(command) && !is_rekey(command) && !is(command, "ping")) {
      return "unsupported";
    }
    return "done";
  }

  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] bool led() const { return led_; }

 private:
  [[nodiscard]] bool is(std::size_t command, std::string_view word) const {
    return command < allowed_.size() && allowed_[command] == word;
  }

  std::span<const std::string_view> allowed_;
  bool paused_ = false;
  bool led_ = false;
};

}  // namespace countersign::mcu
