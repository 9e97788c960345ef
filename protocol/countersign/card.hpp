#pragma once

#include <cstdint>
#include <string_view>

#include "countersign/crypto.hpp"
#include "countersign/result.hpp"

/// What a card says and is told, beyond the tags on messages (docs/protocol.md, sections 9 and 11).
namespace countersign {

inline constexpr std::size_t kCardUidBytes = 8;
using CardUid = Bytes<kCardUidBytes>;
using CardChallenge = Bytes<16>;

/// Life cycle status byte (ISO 7816-4). Frozen.
enum class LifeCycle : std::uint8_t {
  none = 0,  ///< nobody said
  created = 0x01,
  deactivated = 0x04,
  active = 0x05,
  terminated = 0x0C,
};
[[nodiscard]] std::string_view name_of(LifeCycle state);

/// The issuer's commands, by their instruction byte. Frozen.
enum class IssuerCommand : std::uint8_t {
  none = 0,
  deactivate = 0x04,
  activate = 0x44,
  external_authenticate = 0x82,
  terminate = 0xE6,
};

/// Kiss of one card, of the issuer's key: Expand(issuer, "card iss", UID).
[[nodiscard]] bool derive_issuer_key(const Crypto& crypto, const Key32& issuer, const CardUid& uid,
                                     Key32& kiss);

/// What an issuer's command carries:
///   size  field
///   4     n        greater than the card's admin counter
///   16    tag      HMAC(Expand(Kiss, "card adm", UID), INS || n)[16]
struct IssuerProof {
  std::uint32_t n = 0;
  Tag tag{};
};
inline constexpr std::size_t kIssuerProofBytes = 4 + kTagBytes;

[[nodiscard]] bool prove_issuer(const Crypto& crypto, const Key32& kiss, const CardUid& uid,
                                IssuerCommand command, std::uint32_t n, IssuerProof& out);
void write_issuer_proof(const IssuerProof& proof, Writer& out);
[[nodiscard]] IssuerProof read_issuer_proof(Reader& in);

/// The answer to INTERNAL AUTHENTICATE: a card is there, in this state.
///   size  field
///   1     life cycle
///   4     admin counter
///   16    proof    HMAC(K_here, UID || life cycle || admin counter || challenge)[16]
struct Presence {
  LifeCycle life_cycle = LifeCycle::none;
  std::uint32_t admin_counter = 0;
  Tag proof{};
};
inline constexpr std::size_t kPresenceBytes = 1 + 4 + kTagBytes;

void write_presence(const Presence& presence, Writer& out);
[[nodiscard]] Presence read_presence(Reader& in);
/// Whether the card with `uid` and `k` made this for `challenge`. In constant time.
[[nodiscard]] bool is_present(const Crypto& crypto, const Key32& k, const CardUid& uid,
                              const CardChallenge& challenge, const Presence& presence);

inline constexpr std::uint8_t kCardOrderMark = 0x52;
inline constexpr std::uint8_t kCardReportMark = 0x53;
inline constexpr std::size_t kCardOrderBytes = 1 + kCardUidBytes + 16 + 1 + kIssuerProofBytes;
inline constexpr std::size_t kMaxReaderBytes = 128;
inline constexpr std::size_t kMaxCardReportBytes =
    1 + kCardUidBytes + 2 + kPresenceBytes + 1 + kMaxReaderBytes;
static_assert(kCardOrderBytes == 46, "docs/protocol.md, section 11");

/// T asks an agent for a card's proof, and has it carry an issuer's command first.
///   size  field
///   1     0x52
///   8     uid
///   16    challenge
///   1     instruction   0: none; `proof` is then zero
///   20    proof
struct CardOrder {
  CardUid uid{};
  CardChallenge challenge{};
  IssuerCommand command = IssuerCommand::none;
  IssuerProof proof;
};

void write_card_order(const CardOrder& order, Writer& out);
/// Refuses instructions other than none, DEACTIVATE and ACTIVATE.
[[nodiscard]] Result<CardOrder> parse_card_order(ByteView payload);

/// What came of an order.
///   size  field
///   1     0x53
///   8     uid
///   2     status        the card's word on the issuer's command; 9000 without one, 6A82 without
///   card 21    presence      zero if the card gave none 1+n   reader        n ≤ 128
struct CardReport {
  CardUid uid{};
  std::uint16_t status = 0;
  Presence presence;
  std::string_view reader;  ///< Borrows from the parsed buffer.
};

void write_card_report(const CardReport& report, Writer& out);
[[nodiscard]] Result<CardReport> parse_card_report(ByteView payload);

}  // namespace countersign
