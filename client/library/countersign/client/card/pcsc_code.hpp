#pragma once

#include <cstdint>

#include "countersign/client/card/card_error.hpp"

namespace countersign::client {

/// What PC/SC returns, in 32 bits wherever its LONG has 64.
using PcscCode = std::uint32_t;

/// What a code means to whoever uses a card.
[[nodiscard]] CardError error_of(PcscCode code);

}  // namespace countersign::client
