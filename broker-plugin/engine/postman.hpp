#pragma once

#include <string_view>

#include "countersign/card.hpp"
#include "engine/context.hpp"

namespace countersign::engine {

/// Sends what T has to say to one connection: signed, under the keys of its session.
class Postman {
 public:
  explicit Postman(Context& context) : context_{context} {}

  /// A notice about one message. A `duplicate` leaves at most once a second for each session.
  void notice(const Connection& to, LiveSession& session, const Notice& notice, Millis now);

  /// A receipt for `receipt.kid`, signed under `session`.
  void receipt(const Connection& to, LiveSession& session, const Receipt& receipt);

  /// A query of enforcement, signed under the session that it is asked in.
  void question(const Connection& to, LiveSession& session, ByteView q);

  /// What an agent is to ask a card, signed under the session that its connection stands on.
  void card_order(const Connection& to, LiveSession& session, const CardOrder& order);

  /// Says that `k` is the device's key, signed under the session in which it asked for another.
  void rekeyed(const Connection& to, LiveSession& session, const Key32& k);

  /// An unsigned hint, at most once a second for each connection: nobody has to believe it.
  void hint(Connection& to, const Notice& notice, Millis now);

  /// A message of a handshake. `relayed` is the identity it is for, if a relay carries it.
  void handshake(const Connection& to, std::string_view relayed, ByteView message);

  /// A sealed reply to an administrator.
  void reply(const Connection& to, LiveSession& session, std::string_view json);

 private:
  void send_down(const Connection& to, LiveSession& session, const std::string& topic,
                 ByteView payload, std::uint8_t flags);

  Context& context_;
};

}  // namespace countersign::engine
