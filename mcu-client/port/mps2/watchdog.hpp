#pragma once

#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// Resets a board whose main loop stands still. After `limit` without `feed` it logs where the
/// program is; after another `limit` it resets. Nothing else feeds it: no interrupt, no driver.
void start_watchdog(Millis limit);
void feed_watchdog();

}  // namespace countersign::mcu
