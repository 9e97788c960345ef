#pragma once

#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// What tells this board from one with a copy of its flash: the address of its Ethernet chip, and
/// the cycles since it started. No secret. While the chip is this side's.
[[nodiscard]] Bytes<12> board_mark();

}  // namespace countersign::mcu
