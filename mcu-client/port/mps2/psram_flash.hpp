#pragma once

#include <cstdint>

#include "flash/flash.hpp"

namespace countersign::mcu {

/// Flash in the board's PSRAM, under the rules of NOR flash. In QEMU the PSRAM can be a file, which
/// keeps what was written over any end of the emulator.
class PsramFlash final : public Flash {
 public:
  [[nodiscard]] std::uint32_t pages() const override;
  [[nodiscard]] bool read(std::uint32_t at, MutableBytes out) const override;
  [[nodiscard]] bool program(std::uint32_t at, ByteView words) override;
  [[nodiscard]] bool erase(std::uint32_t page) override;
};

}  // namespace countersign::mcu
