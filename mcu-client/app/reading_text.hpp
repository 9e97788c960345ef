#pragma once

#include <cstdint>

#include "app/sensor.hpp"
#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// `{"n":17,"prev":15,"temperature":-3.05,"humidity":45.93}` with the largest numbers.
inline constexpr std::size_t kMaxReadingTextBytes = 88;

/// One reading as its subscribers get it. `previous` is the number of the reading before: whoever
/// follows the chain sees that none is missing and none came twice.
/// \returns how many bytes were written to `out`; 0 if it is too small.
[[nodiscard]] std::size_t write_reading(std::uint32_t number, std::uint32_t previous,
                                        const Measurement& measured, MutableBytes out);

}  // namespace countersign::mcu
