#include "clock.hpp"

#include <cstdint>

#include "board.hpp"
#include "cortex_m.hpp"
#include "vectors.hpp"

namespace countersign::mcu {
namespace {

constexpr std::uint32_t kTicksInASecond = 1000;

// written by interrupts
constinit volatile std::uint32_t ticks = 0;
constinit volatile std::uint32_t wraps = 0;
constinit volatile bool called = false;

}  // namespace

void start_clock() {
  write_register(kSysTickReload, kBoard.clock_hz / kTicksInASecond - 1);
  write_register(kSysTickValue, 0);
  write_register(kSysTickControl, 7);  // processor clock, interrupt, on
}

Millis now() {
  std::uint32_t high = wraps;
  std::uint32_t low = ticks;
  while (high != wraps) {
    high = wraps;
    low = ticks;
  }
  return static_cast<Millis>(static_cast<std::uint64_t>(high) << 32U | low);
}

void idle() {
  // an interrupt that comes here stays pending and ends the sleep
  asm volatile("cpsid i" ::: "memory");
  if (!called) {
    asm volatile("dsb\n wfi" ::: "memory");
  }
  called = false;
  asm volatile("cpsie i\n isb" ::: "memory");
}

void stay_awake() { called = true; }

extern "C" void tick_handler() {
  ticks = ticks + 1;
  if (ticks == 0) {
    wraps = wraps + 1;
  }
}

// The network's line is a level: it stays masked until the main loop has looked after the chip.
extern "C" void interrupt_handler() {
  disable_interrupt(kBoard.ethernet_irq);
  called = true;
}

}  // namespace countersign::mcu
