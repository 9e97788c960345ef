#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "countersign/card.hpp"
#include "countersign/reputation.hpp"

namespace countersign::store {

/// Where a card was, and in which state, when it last proved that it is there (docs/protocol.md,
/// section 11). Whether it still is, is not durable: after a start no agent is connected.
struct Sighting {
  std::string agent;
  std::string host;
  std::string reader;
  Millis seen_at = 0;  ///< 0: it never was
  LifeCycle life_cycle = LifeCycle::none;
  std::uint32_t admin_counter = 0;
};

/// Stored in the database: frozen.
enum class OrderState : std::uint8_t { waiting = 0, done = 1, refused = 2 };
inline constexpr std::array<std::string_view, 3> kOrderStateNames{"waiting", "done", "refused"};

/// What the issuer wants of a card: the command that its holder made, and what became of it.
struct Order {
  IssuerCommand instruction = IssuerCommand::none;  ///< none: nothing was ever ordered
  IssuerProof proof;
  OrderState state = OrderState::waiting;
  std::uint16_t status = 0;  ///< the card's word, if refused

  [[nodiscard]] bool is(IssuerCommand command, std::uint32_t n) const {
    return instruction == command && proof.n == n;
  }
  [[nodiscard]] bool waits() const {
    return instruction != IssuerCommand::none && state == OrderState::waiting;
  }
};

/// All that is durable of the card that an identity's key is in, besides the UID in its record.
struct Card {
  std::string identity;
  std::string uid;  ///< 16 lower-case hex digits
  Sighting sighting;
  Order order;
};

}  // namespace countersign::store
