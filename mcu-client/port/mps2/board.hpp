#pragma once

#include <cstdint>
#include <string_view>

namespace countersign::mcu {

/// Where a board keeps what our drivers use. Each board has its own file, board_NAME.cpp, which the
/// build chooses; it holds the vector table too.
struct Board {
  std::string_view name;
  std::uintptr_t uart;
  std::uintptr_t watchdog;
  std::uintptr_t ethernet;
  std::uintptr_t counter;  // counts clock cycles, for measuring
  std::uintptr_t psram;
  std::uint32_t clock_hz;
  std::uint32_t ethernet_irq;
};

extern const Board kBoard;

inline constexpr std::uint32_t kPsramBytes = 16U << 20U;

/// What a board needs before anything else runs: no memory is initialised yet.
extern "C" void board_early();

}  // namespace countersign::mcu
