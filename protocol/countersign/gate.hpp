#pragma once

#include <cstdint>

#include "countersign/crypto.hpp"
#include "countersign/envelope.hpp"
#include "countersign/rule.hpp"
#include "countersign/session.hpp"

namespace countersign {

/// How long a session lasts and when it must prove itself again (docs/protocol.md, sections 1, 6).
struct Limits {
  std::uint32_t enforce_after_messages = 10'000;
  Millis enforce_after = Millis{24} * 60 * 60 * 1000;
  Millis enforcement_time = 30'000;
  Millis max_age = Millis{24} * 60 * 60 * 1000;
  std::uint32_t max_sealed = 1U << 20;
};

/// One PUBLISH as it came in. Borrows.
struct Publish {
  MessageContext context;
  ByteView payload;
  bool has_property = false;  ///< the MQTT 5 readable form: `property` holds header || tag
  ByteView property;
  std::uint8_t qos = 0;
  bool retain = false;
  bool permitted = false;          ///< what the rule's `publish` list says of this sender and topic
  std::string_view sender;         ///< its identity, for evaluators; empty if nobody is known
  Footprint* footprint = nullptr;  ///< takes down what evaluators looked at; null: nobody asks
};

/// What became of a PUBLISH. Borrows from the publish, or from the room given to `judge`.
struct Verdict {
  Refusal why = Refusal::internal;
  bool deliver = false;         ///< `payload` goes to the subscribers
  bool proven = false;          ///< the tag was right: the message is the sender's
  bool retransmission = false;  ///< seen before, with the same tag
  bool enforce = false;         ///< enforcement is due from now on
  bool rescored = false;        ///< the sender's reputation is not what it was
  Change change = Change::none;
  Header header;               ///< as claimed, if anything could be parsed
  Session* session = nullptr;  ///< borrowed; set if `proven`
  ByteView payload;            ///< what subscribers get
  std::string_view objector;   ///< which evaluator called it out of range; static text
};

/// Judges one message: parse → sender → kid → tag → window → rule → reputation
/// (docs/protocol.md, section 1, "order of checks"). Changes nothing before the tag is right.
///
/// `sender` is null if nobody is known to have sent it. `plain` takes what a sealed body opens to:
/// at least `publish.payload.size()` bytes. Allocates nothing, takes no lock, asks no clock.
[[nodiscard]] Verdict judge(const Crypto& crypto, const Limits& limits, const Rule& rule,
                            Sender* sender, const Publish& publish, Millis now, MutableBytes plain);

/// Judges the message of a compatibility device, which has shown a password and signs nothing
/// (q4 of the published automaton). The rule's `level` lets it through; evaluators that learn are
/// not asked. Under rules that enforce, and on the device's own connection only.
[[nodiscard]] Verdict judge_compatible(const Rule& rule, const Sender& sender,
                                       const Publish& publish, Millis now);

}  // namespace countersign
