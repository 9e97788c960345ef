#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "countersign/bytes.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::mcu::tools {

/// The records of one mote as `ReplaySensor` reads them, from the lines
///
///     reading,mote_id,indoor,humidity,temperature,label
///
/// in their order; what stands in other columns does not count. Fails at the first line that is
/// none of these, and if the mote has none or too many for the region.
[[nodiscard]] client::Outcome<std::vector<std::byte>> parse_data_set(std::string_view text,
                                                                     std::uint32_t mote);

/// The same from a file.
[[nodiscard]] client::Outcome<std::vector<std::byte>> read_data_set(const std::string& path,
                                                                    std::uint32_t mote);

}  // namespace countersign::mcu::tools
