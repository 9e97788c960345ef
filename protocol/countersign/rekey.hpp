#pragma once

#include <cstdint>
#include <span>

#include "countersign/crypto.hpp"
#include "countersign/result.hpp"

/// A device and T replace k by k', which neither ever sends (docs/protocol.md, section 4):
///   k'     = Expand(k, "rekey", Expand(SK, "rekey sk", ""))
///   A → T  : u8 0x42 || Expand(k', "rekey a", "")[16]    in an envelope of the session SK
///   T → A  : u8 0x54 || Expand(k of T, "rekey t", "")[16]    likewise, once that is durable
/// A lost answer is asked for again, in another session too: T says which key it has.
namespace countersign {

inline constexpr std::uint8_t kRekeyMark = 0x42;
inline constexpr std::uint8_t kRekeyedMark = 0x54;
inline constexpr std::size_t kRekeyBytes = 1 + kTagBytes;

static_assert(kRekeyBytes == 17, "docs/protocol.md, section 4, says 17");

/// k' of the present k and a session.
[[nodiscard]] bool next_key(const Crypto& crypto, const MacKey& k, const Key32& sk, Key32& out);

/// Writes A's or T's message, which proves that its sender has `next`.
[[nodiscard]] bool write_rekey(const MacKey& next, std::uint8_t mark,
                               std::span<std::byte, kRekeyBytes> out);

/// \returns `none`, `bad_tag` if whoever wrote it has another key, `malformed` or `internal`.
[[nodiscard]] Refusal check_rekey(const MacKey& next, std::uint8_t mark, ByteView message);

}  // namespace countersign
