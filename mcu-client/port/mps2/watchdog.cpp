#include "watchdog.hpp"

#include "board.hpp"
#include "registers.hpp"

namespace countersign::mcu {
namespace {

// CMSDK APB watchdog (Arm DDI 0479)
constexpr std::uint32_t kLoad = 0x000;
constexpr std::uint32_t kControl = 0x008;
constexpr std::uint32_t kClear = 0x00C;
constexpr std::uint32_t kLock = 0xC00;
constexpr std::uint32_t kKey = 0x1ACCE551;
constexpr std::uint32_t kInterruptAndReset = 3;

void set(std::uint32_t at, std::uint32_t value) {
  write_register(kBoard.watchdog + kLock, kKey);
  write_register(kBoard.watchdog + at, value);
  write_register(kBoard.watchdog + kLock, 0);
}

}  // namespace

void start_watchdog(Millis limit) {
  set(kLoad, kBoard.clock_hz / 1000 * static_cast<std::uint32_t>(limit));
  set(kControl, kInterruptAndReset);
}

void feed_watchdog() { set(kClear, 1); }

}  // namespace countersign::mcu
