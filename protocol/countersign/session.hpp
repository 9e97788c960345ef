#pragma once

#include <cstdint>
#include <string_view>

#include "countersign/aplus.hpp"
#include "countersign/identity.hpp"
#include "countersign/keys.hpp"
#include "countersign/replay_window.hpp"
#include "countersign/reputation.hpp"

namespace countersign {

/// What every handshake ends in, as T keeps it (docs/protocol.md, section 2). Nothing downstream
/// knows which handshake made it. Level and score belong to the identity, not to the session.
struct Session {
  AuthCode auth_code{};
  std::uint16_t kid = 0;
  bool over = false;  ///< keys kept only to sign "session over"
  SealingKey up;
  Key32 sk;
  const MacKey* up_mac = nullptr;  ///< K_mac up, ready for use; lent by the owner
  Session* next = nullptr;         ///< another one of the same sender; linked by the owner
  Millis created = 0;
  ReplayWindow window;  ///< over a ring lent by the owner
  Outcomes outcomes;
  Acceptance accepted;
  std::uint32_t messages = 0;         ///< accepted since the handshake
  std::uint32_t sealed_messages = 0;  ///< judged since the handshake
  std::uint32_t down_seq = 0;         ///< the next one to use
  std::uint32_t resume_n = 0;         ///< the greatest accepted
};

/// Fills a fresh session from what a handshake agreed on. `up` is what its owner makes `up_mac` of;
/// the keys of the way down, which is used rarely, are derived each time.
[[nodiscard]] bool open_session(const Crypto& crypto, const Agreement& agreement, Millis now,
                                Session& out, DirectionKey& up);

/// Whoever signs: an identity as the gate sees it. The plugin's record of a device extends this.
struct Sender {
  Kind kind = Kind::device;
  bool disabled = false;
  bool blocked = false;  ///< a lost card
  bool cloned = false;   ///< two copies of one key were seen; an administrator decides
  Reputation reputation;
  Millis expelled_until = 0;
  Millis enforcement_deadline = 0;  ///< 0: none is due
  bool fallen = false;              ///< that one is due after a fall: passing it renews the score
  const Key32* card_key = nullptr;  ///< K_cc; borrowed; null: no card
  std::uint32_t card_counter = 0;   ///< the greatest accepted
  std::uint32_t place = 0;          ///< an evaluator's note; see `Reading`
  Session* sessions = nullptr;      ///< the first: live, or only just over; borrowed

  [[nodiscard]] Session* find(std::uint16_t kid) const;
};

/// Why nobody may act in the name of `sender` now: `disabled`, `blocked`, `cloned`, `expelled`, or
/// `none`.
[[nodiscard]] Refusal standing(const Sender& sender, Millis now);

}  // namespace countersign
