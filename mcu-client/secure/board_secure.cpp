#include "port/mps2/board.hpp"

namespace countersign::mcu {

// The secure side drives nothing but its flash, and asks the other chips once who they are, before
// they are the other side's.
constinit const Board kBoard{
    .name = "an505",
    .uart = 0,
    .watchdog = 0,
    .ethernet = 0x52000000,
    .counter = 0x50302018,
    .psram = 0x80000000,
    .clock_hz = 20'000'000,
    .ethernet_irq = 0,
};

}  // namespace countersign::mcu
