#pragma once

#include <cstddef>
#include <span>

#include "flash/flash.hpp"

namespace countersign::mcu::host {

/// Memory that keeps the rules of NOR flash: a program that would set a bit, or is not of whole
/// words, is a fault of ours and aborts.
class NorFlash : public Flash {
 public:
  /// Borrows `memory`, whole pages.
  explicit NorFlash(std::span<std::byte> memory) : memory_{memory} {}

  [[nodiscard]] std::uint32_t pages() const override;
  [[nodiscard]] bool read(std::uint32_t at, MutableBytes out) const override;
  [[nodiscard]] bool program(std::uint32_t at, ByteView words) override;
  [[nodiscard]] bool erase(std::uint32_t page) override;

 protected:
  ~NorFlash() = default;

 private:
  std::span<std::byte> memory_;
};

}  // namespace countersign::mcu::host
