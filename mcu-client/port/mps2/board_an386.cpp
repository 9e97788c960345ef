#include "board.hpp"
#include "vectors.hpp"

namespace countersign::mcu {

// Arm Application Note 386: a Cortex-M4 of the CMSDK on an MPS2 board.
constinit const Board kBoard{
    .name = "an386",
    .uart = 0x40004000,
    .watchdog = 0x40008000,
    .ethernet = 0x40200000,
    .counter = 0x40028018,
    .psram = 0x21000000,
    .clock_hz = 25'000'000,
    .ethernet_irq = 13,
};

void board_early() {}

extern "C" [[gnu::section(".vectors"), gnu::used]] constinit const VectorTable<14> vectors =
    make_vectors<14>();

}  // namespace countersign::mcu
