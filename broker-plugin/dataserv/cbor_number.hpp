#pragma once

#include <optional>
#include <string_view>

#include "countersign/bytes.hpp"

namespace countersign::dataserv {

/// How deep a CBOR item may nest.
inline constexpr std::size_t kMaxCborDepth = 32;

/// The number at the JSON pointer `pointer` in one whole CBOR item (RFC 8949): map keys are text
/// strings, array items are named by their decimal index. Integers and floats of every size count;
/// tags are looked through; strings and containers have a definite length (deterministic encoding,
/// section 4.2.1). \returns nothing for anything else, NaN and infinities included.
[[nodiscard]] std::optional<double> find_cbor_number(ByteView item, std::string_view pointer);

}  // namespace countersign::dataserv
