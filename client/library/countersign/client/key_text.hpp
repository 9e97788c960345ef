#pragma once

#include <optional>
#include <string_view>

#include "countersign/crypto.hpp"

namespace countersign::client {

/// Writes lower-case hex to `out`, which takes twice as many characters, exactly.
void write_hex(ByteView bytes, MutableBytes out);

/// Reads hex of either case, exactly as much as `out` takes.
[[nodiscard]] bool read_hex(std::string_view text, MutableBytes out);

/// A decimal number in its shortest form, at most `largest`.
[[nodiscard]] std::optional<std::uint32_t> read_number(std::string_view text,
                                                       std::uint32_t largest);

}  // namespace countersign::client
