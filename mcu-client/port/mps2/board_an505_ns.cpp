#include "board.hpp"
#include "vectors.hpp"

extern "C" std::uint32_t stack_bottom[];

namespace countersign::mcu {

// Arm Application Note 505, its non-secure world: what the secure one leaves (secure/boundary.cpp).
constinit const Board kBoard{
    .name = "an505-ns",
    .uart = 0x40200000,
    .watchdog = 0x40081000,
    .ethernet = 0x42000000,
    .counter = 0x40302018,
    .psram = 0x80000000,
    .clock_hz = 20'000'000,
    .ethernet_irq = 48,
};

// ARMv8-M faults before the stack leaves its place.
void board_early() { asm volatile("msr msplim, %0" : : "r"(stack_bottom)); }

extern "C" [[gnu::section(".vectors"), gnu::used]] constinit const VectorTable<49> vectors =
    make_vectors<49>();

}  // namespace countersign::mcu
