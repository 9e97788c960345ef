#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "countersign/bytes.hpp"
#include "countersign/crypto.hpp"
#include "countersign/identity.hpp"
#include "countersign/reputation.hpp"
#include "store/card.hpp"
#include "store/registration.hpp"

namespace countersign::store {

/// An expulsion: until when, and how many there were (docs/protocol.md, section 6).
struct Expulsion {
  Millis until = 0;
  std::uint8_t strikes = 0;
  Millis last_strike = 0;
};

/// All that is durable of one identity.
struct Record {
  std::string identity;
  Kind kind = Kind::device;
  Key32 k;
  std::uint32_t epoch = 0;  ///< the greatest accepted
  Bytes<16> last_first{};   ///< th1[16] of the last accepted epoch
  Reputation reputation;
  bool disabled = false;
  bool blocked = false;
  bool cloned = false;
  std::string reason;  ///< of the lock, in the administrator's words
  Expulsion expulsion;
  std::vector<std::string> roles;  ///< each a word as identities are
  std::uint8_t suites = 0;         ///< bit mask as in config::SuitePolicy; 0: as its kind
  std::uint16_t kid_ceiling = 0;   ///< kids below it may have been used; 0: none yet
  std::uint32_t card_counter = 0;  ///< the greatest accepted
  std::string card_uid;            ///< 16 lower-case hex digits; empty: no card
  std::string label;
  Millis registered_at = 0;
  std::optional<Registration> registration;  ///< of those that have a password
};

/// What lets one device register without an administrator (docs/protocol.md, section 6).
struct EnrolmentToken {
  std::string hash;  ///< SHA-256 of the token, 64 hex digits
  Millis expires_at = 0;
  std::vector<std::string> roles;  ///< of the device that will use it
  std::string label;
};

/// Inserts or replaces a whole record. What was known of a card that it no longer names goes.
struct PutRecord {
  Record record;
  std::string spent_token = {};     ///< hash of the token that goes with it; empty: none
  std::optional<Order> order = {};  ///< what its card is ordered from now on; nothing: as before
};
struct RemoveRecord {
  std::string identity;
};
struct SetReputation {
  std::string identity;
  Reputation reputation;
};
/// A level that changed: with the expulsion it may have brought.
struct SetExpulsion {
  std::string identity;
  Reputation reputation;
  Expulsion expulsion;
};
/// An accepted handshake, with the reputation it leads to.
struct SetEpoch {
  std::string identity;
  std::uint32_t epoch = 0;
  Bytes<16> last_first{};
  Reputation reputation;
};
/// A device and T agreed on another k.
struct SetKey {
  std::string identity;
  Key32 k;
};
struct SetKidCeiling {
  std::string identity;
  std::uint16_t kid_ceiling = 0;
};
struct SetCardCounter {
  std::string identity;
  std::uint32_t card_counter = 0;
};
/// What an identity with a password has come to be: where it logged in from.
struct SetRegistration {
  std::string identity;
  Registration registration;
};
/// The card of that identity, if it is still that one, has proved that it is there.
struct SetSighting {
  std::string identity;
  std::string uid;
  Sighting sighting;
};
/// What became of an order: of that one, if it still is what the card is ordered.
struct SetOrder {
  std::string identity;
  std::string uid;
  Order order;
};
struct PutToken {
  EnrolmentToken token;
};
struct RemoveToken {
  std::string hash;
};
/// What an evaluator learned; replaces what it learned before.
struct SetLearned {
  std::string name;
  std::vector<std::byte> image;
};

/// One durable change. All but `PutRecord` leave an identity alone that is not there (any more).
using Change = std::variant<PutRecord, RemoveRecord, SetReputation, SetExpulsion, SetEpoch,
                            SetKidCeiling, SetCardCounter, SetLearned, SetRegistration, PutToken,
                            RemoveToken, SetSighting, SetOrder, SetKey>;

/// Whom a change is about, the name of what was learned, or the hash of a token. Borrows.
[[nodiscard]] const std::string& identity_of(const Change& change);

}  // namespace countersign::store
