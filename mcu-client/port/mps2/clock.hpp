#pragma once

#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// Starts the tick of one millisecond.
void start_clock();

/// Since `start_clock`.
[[nodiscard]] Millis now();

/// Sleeps until an interrupt: the tick at the latest, the network before. Returns at once if the
/// network has called since the last time, or somebody wants to stay awake.
void idle();

/// The next `idle` does not sleep: there is more to do.
void stay_awake();

}  // namespace countersign::mcu
