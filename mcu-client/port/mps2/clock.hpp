#pragma once

#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// Starts the tick of one millisecond.
void start_clock();

/// Since `start_clock`.
[[nodiscard]] Millis now();

/// Sleeps until an interrupt: the tick at the latest, the network before. Returns at once if the
/// network has called since the last time.
void idle();

}  // namespace countersign::mcu
