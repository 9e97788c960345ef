#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "countersign/bytes.hpp"

namespace countersign {

/// How many characters `bytes` bytes take, unpadded.
[[nodiscard]] constexpr std::size_t base64url_size(std::size_t bytes) {
  return bytes / 3 * 4 + (bytes % 3 == 0 ? 0 : bytes % 3 + 1);
}

/// Writes `bytes` as unpadded base64url (RFC 4648, section 5).
/// \returns the text, borrowed from `out`; empty if `out` is too small.
[[nodiscard]] std::string_view encode_base64url(ByteView bytes, std::span<char> out);

/// Reads unpadded base64url, canonical only: no padding, no spaces, unused bits zero.
/// \returns false for anything else and if `out` is too small; else `decoded` borrows from `out`.
[[nodiscard]] bool decode_base64url(std::string_view text, MutableBytes out, ByteView& decoded);

}  // namespace countersign
