#pragma once

#include <ostream>

#include "countersign/refusal.hpp"

namespace countersign {

/// GoogleTest prints refusals by their names.
inline void PrintTo(Refusal why, std::ostream* out) { *out << name_of(why); }

}  // namespace countersign
