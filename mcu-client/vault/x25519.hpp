#pragma once

#include "countersign/crypto.hpp"

namespace countersign::mcu {

/// X25519 (RFC 7748) of a secret and a point. \returns false for the all-zero result, and in an
/// image without suite 1.
[[nodiscard]] bool x25519(const Key32& secret, const Point& point, MutableBytes out);

}  // namespace countersign::mcu
