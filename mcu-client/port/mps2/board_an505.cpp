#include "board.hpp"
#include "vectors.hpp"

extern "C" std::uint32_t stack_bottom[];

namespace countersign::mcu {

// Arm Application Note 505: a Cortex-M33 of the IoT Kit on an MPS2+ board, all in its secure world.
constinit const Board kBoard{
    .name = "an505",
    .uart = 0x50200000,
    .watchdog = 0x50081000,
    .ethernet = 0x52000000,
    .counter = 0x50302018,
    .psram = 0x80000000,
    .clock_hz = 20'000'000,
    .ethernet_irq = 48,
};

// ARMv8-M faults before the stack leaves its place.
void board_early() { asm volatile("msr msplim, %0" : : "r"(stack_bottom)); }

extern "C" [[gnu::section(".vectors"), gnu::used]] constinit const VectorTable<49> vectors =
    make_vectors<49>();

}  // namespace countersign::mcu
