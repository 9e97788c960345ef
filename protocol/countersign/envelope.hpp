#pragma once

#include <cstddef>
#include <cstdint>

#include "countersign/bytes.hpp"
#include "countersign/crypto.hpp"
#include "countersign/keys.hpp"
#include "countersign/result.hpp"

namespace countersign {

inline constexpr std::uint8_t kEnvelopeMark = 0xC0;
inline constexpr std::uint8_t kSealed = 0x01;
inline constexpr std::uint8_t kRetainIntent = 0x02;
inline constexpr std::uint8_t kShortTag = 0x04;
inline constexpr std::uint8_t kOnCardTag = 0x08;

inline constexpr std::uint16_t kMaxKid = 16'383;
inline constexpr std::uint32_t kMaxSeq = kMaxVbi;
inline constexpr std::size_t kMaxKidBytes = 2;
inline constexpr std::size_t kMaxSeqBytes = 4;
inline constexpr std::size_t kCardCounterBytes = 4;
inline constexpr std::size_t kMaxHeaderBytes = 1 + kMaxKidBytes + kMaxSeqBytes + kCardCounterBytes;
/// What an envelope adds to a payload at the most.
inline constexpr std::size_t kMaxEnvelopeBytes = kMaxHeaderBytes + kTagBytes;
inline constexpr std::size_t kMaxPropsBytes = 65'535;

static_assert(kMaxHeaderBytes == 11, "docs/protocol.md, section 1, says 11");

/// What stands around a payload and is signed with it. Both borrow.
struct MessageContext {
  ByteView topic;  ///< as the client wrote it, at most 65,535 bytes
  ByteView props;  ///< as `Properties::write` made it, at most 65,535 bytes
};

/// The first bytes of an envelope:
///   size  field
///   1     0xC0 | flags   bit 0 sealed, bit 1 retain intent, bit 2 short tag, bit 3 on-card tag
///   1–2   kid    vbi     which session of this sender, 1–16,383
///   1–4   seq    vbi     never reused under the kid
///   0|4   card counter   u32, only with bit 3
struct Header {
  std::uint8_t flags = 0;
  std::uint16_t kid = 0;
  std::uint32_t seq = 0;
  std::uint32_t card_counter = 0;

  [[nodiscard]] constexpr bool sealed() const { return (flags & kSealed) != 0; }
  [[nodiscard]] constexpr bool retain_intent() const { return (flags & kRetainIntent) != 0; }
  [[nodiscard]] constexpr bool short_tag() const { return (flags & kShortTag) != 0; }
  [[nodiscard]] constexpr bool on_card() const { return (flags & kOnCardTag) != 0; }
  [[nodiscard]] constexpr std::size_t tag_bytes() const {
    return short_tag() ? kShortTagBytes : kTagBytes;
  }
};

/// A parsed envelope: claims, not facts, until `verify` or `open_envelope` says none.
/// Borrows from the parsed buffer.
struct Envelope {
  Header header;
  ByteView header_bytes;
  ByteView body;  ///< the payload, or the ciphertext when sealed
  ByteView tag;
};

/// True if `payload` starts like an envelope; anything else is unsigned.
[[nodiscard]] bool looks_signed(ByteView payload);

/// Parses the payload form: header || body || tag.
/// \returns `unsigned` if it does not start like one, `malformed` for anything we would not write.
[[nodiscard]] Result<Envelope> parse_envelope(ByteView payload);

/// Parses the MQTT 5 readable form. `header_and_tag` is what the property `cs1` holds, decoded from
/// base64url; `payload` is the message's own.
[[nodiscard]] Result<Envelope> parse_property(ByteView header_and_tag, ByteView payload);

/// Writes the header. Fails on flags, kid or seq that no envelope may have.
[[nodiscard]] bool write_header(const Header& header, Writer& out);

/// Checks the tag of an unsealed envelope with the key of its session and direction.
/// \returns `none`, `bad_tag` or `internal`.
[[nodiscard]] Refusal verify(const MacKey& key, const Envelope& claim,
                             const MessageContext& context);

/// Opens a sealed envelope. `plain` takes `claim.body.size()` bytes, exactly.
/// \returns `none` or `bad_tag`; `plain` is worthless unless `none`.
[[nodiscard]] Refusal open_envelope(const Crypto& crypto, const SealingKey& key,
                                    const Envelope& claim, const MessageContext& context,
                                    MutableBytes plain);

/// Writes the payload form: signs, or seals if the header's flags say so. Not for on-card tags.
/// `payload` may not overlap `out`; `out` needs `payload.size() + kMaxEnvelopeBytes` at the most.
/// \returns what was written, borrowed from `out`.
[[nodiscard]] Result<ByteView> write_envelope(const Crypto& crypto, const DirectionKey& key,
                                              const Header& header, const MessageContext& context,
                                              ByteView payload, MutableBytes out);

/// Signs with a key that does not show itself: never sealed. Otherwise as `write_envelope`.
[[nodiscard]] Result<ByteView> write_signed(const MacKey& key, const Header& header,
                                            const MessageContext& context, ByteView payload,
                                            MutableBytes out);

/// Writes the property form: header || tag to `out` (27 bytes at the most), to be encoded in
/// base64url; when sealed, the ciphertext to `body`, which takes `payload.size()` bytes, exactly.
/// \returns what was written to `out`.
[[nodiscard]] Result<ByteView> write_property(const Crypto& crypto, const DirectionKey& key,
                                              const Header& header, const MessageContext& context,
                                              ByteView payload, MutableBytes body,
                                              MutableBytes out);

/// What the card signs for an on-card envelope (docs/protocol.md, section 9). `bind` =
/// Expand(SK, "card bind", ""); the card counter of `header` takes no part.
[[nodiscard]] bool card_digest(const Crypto& crypto, const Key32& bind, const Header& header,
                               const MessageContext& context, ByteView payload, Digest& out);

/// Checks the tag of an on-card envelope with K_cc = Expand(k, "card cc", "") and `bind`.
[[nodiscard]] Refusal verify_on_card(const Crypto& crypto, const Key32& card_key, const Key32& bind,
                                     const Envelope& claim, const MessageContext& context);

}  // namespace countersign
