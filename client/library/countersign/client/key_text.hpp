#pragma once

#include <optional>
#include <string_view>

#include "countersign/crypto.hpp"

namespace countersign::client {

/// Writes lower-case hex to `out`, which takes twice as many characters, exactly.
void write_hex(ByteView bytes, MutableBytes out);

/// Reads hex of either case, exactly as much as `out` takes.
[[nodiscard]] bool read_hex(std::string_view text, MutableBytes out);

/// Writes bytes so that they stand on one line and come back: control characters, `#`, `%` and a
/// blank at either end as `%` and two hex digits.
void write_line_text(ByteView text, Writer& out);

/// The other way. \returns what was written to `out`; nothing if there is no room, or a `%` without
/// two digits.
[[nodiscard]] std::optional<ByteView> read_line_text(std::string_view text, MutableBytes out);

/// A decimal number in its shortest form, at most `largest`.
[[nodiscard]] std::optional<std::uint32_t> read_number(std::string_view text,
                                                       std::uint32_t largest);

}  // namespace countersign::client
