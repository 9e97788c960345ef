#pragma once

#include <cstdint>

namespace countersign::bench {

/// How often the program asked `operator new` for memory.
[[nodiscard]] std::uint64_t allocations();

}  // namespace countersign::bench
