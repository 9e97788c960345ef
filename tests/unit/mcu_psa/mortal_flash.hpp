#pragma once

#include "port/host/torn_flash.hpp"

namespace countersign::mcu::test {

/// A flash that answers nothing any more once it has lost its power. C's frames lie between the
/// flash and a test, so the cut itself does not pass them.
class MortalFlash final : public Flash {
 public:
  /// Borrows `flash`.
  explicit MortalFlash(host::TornFlash& flash) : flash_{&flash} {}

  [[nodiscard]] bool dead() const { return dead_; }

  [[nodiscard]] std::uint32_t pages() const override { return flash_->pages(); }
  [[nodiscard]] bool read(std::uint32_t at, MutableBytes out) const override {
    return !dead_ && flash_->read(at, out);
  }
  [[nodiscard]] bool program(std::uint32_t at, ByteView words) override {
    return outlive([&] { return flash_->program(at, words); });
  }
  [[nodiscard]] bool erase(std::uint32_t page) override {
    return outlive([&] { return flash_->erase(page); });
  }

 private:
  template <class Operation>
  [[nodiscard]] bool outlive(Operation operation) {
    try {
      return !dead_ && operation();
    } catch (const host::PowerCut&) {
      dead_ = true;
      return false;
    }
  }

  host::TornFlash* flash_;
  bool dead_ = false;
};

}  // namespace countersign::mcu::test
