#include "clock.hpp"

#include <cstdint>

#include "board.hpp"
#include "cortex_m.hpp"
#include "vectors.hpp"

namespace countersign::mcu {
namespace {

constexpr std::uint32_t kTicksInASecond = 1000;

// The tick only wakes: time is what the board's free-running counter says, so a tick that came late
// or not at all costs nothing.
constinit Millis elapsed = 0;
constinit std::uint32_t counted = 0;    // when `elapsed` was brought up to date
constinit std::uint32_t remainder = 0;  // cycles that are no whole millisecond yet
constinit volatile bool called = false;

void bring_up_to_date() {
  const std::uint32_t cycles_in_a_millisecond = kBoard.clock_hz / kTicksInASecond;
  const std::uint32_t count = read_register(kBoard.counter);
  // a carry out of this sum would need more than a minute between two ticks
  remainder += count - counted;
  counted = count;
  elapsed += remainder / cycles_in_a_millisecond;
  remainder %= cycles_in_a_millisecond;
}

}  // namespace

void start_clock() {
  counted = read_register(kBoard.counter);
  write_register(kSysTickReload, kBoard.clock_hz / kTicksInASecond - 1);
  write_register(kSysTickValue, 0);
  write_register(kSysTickControl, 7);  // processor clock, interrupt, on
}

Millis now() {
  asm volatile("cpsid i" ::: "memory");
  bring_up_to_date();
  const Millis result = elapsed;
  asm volatile("cpsie i" ::: "memory");
  return result;
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

extern "C" void tick_handler() { bring_up_to_date(); }

// The network's line is a level: it stays masked until the main loop has looked after the chip.
extern "C" void interrupt_handler() {
  disable_interrupt(kBoard.ethernet_irq);
  called = true;
}

}  // namespace countersign::mcu
