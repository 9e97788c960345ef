#pragma once

#include <cstdint>

namespace countersign::mcu {

// what the non-secure side has; everything else is the secure side's
inline constexpr std::uint32_t kTheirCode = 0x00200000;  ///< in the second half of SSRAM 1
inline constexpr std::uint32_t kOurFlashPages = 3;       ///< provisioning, keys, numbers

/// Draws the line between the two worlds, for good: memory protection is locked until reset.
void draw_boundary();

/// Starts the other side. Returns only if it does.
void enter_other_side();

}  // namespace countersign::mcu
