#pragma once

#include <cstdint>

namespace countersign::mcu {

/// What the image does. It is called once memory and log are ready; when it returns, the board
/// starts anew.
extern "C" void firmware();

/// The most bytes of stack that were in use since start.
[[nodiscard]] std::uint32_t stack_peak();

}  // namespace countersign::mcu
