#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "countersign/gate.hpp"
#include "countersign/properties.hpp"
#include "engine/auth_serv.hpp"
#include "engine/fleet.hpp"
#include "engine/inspector.hpp"
#include "engine/postman.hpp"
#include "engine/sessions.hpp"

namespace countersign::engine {

/// A PUBLISH as the broker hands it over. Borrows.
struct Incoming {
  ClientHandle handle = nullptr;
  const char* client_id = nullptr;
  const char* address = nullptr;
  std::string_view topic;  ///< as the broker sees it: with the mount point
  ByteView payload;
  Properties properties;
  unsigned cs1_count = 0;  ///< user properties named `cs1`
  std::string_view cs1;
  bool speaks_for_us = false;  ///< has a user property whose name begins `cs-`
  std::uint8_t qos = 0;
  bool retain = false;
};

/// What the broker is to do with it. Borrows from the incoming message or from `Publishes`.
struct Handling {
  enum class Act { untouched, replace, refuse };
  Act act = Act::refuse;
  ByteView payload;  ///< if replaced
  std::string_view identity;
  Reputation reputation;
  bool on_card = false;
};

/// The path of one publish: find the rule and the sender, judge, draw the consequences, tell the
/// audit and the sender (docs/design.md).
class Publishes {
 public:
  Publishes(Context& context, Sessions& sessions, Inspector& inspector, Postman& postman,
            AuthServ& auth_serv, Fleet& fleet)
      : context_{context},
        sessions_{sessions},
        inspector_{inspector},
        postman_{postman},
        auth_serv_{auth_serv},
        fleet_{fleet} {}

  [[nodiscard]] Handling take(const Incoming& incoming, Millis now);

  /// Judges an envelope on one of our own topics under `rule`; `relayed` is whom a relay brings.
  /// \returns the verdict, after its consequences; `payload` borrows until the next call.
  [[nodiscard]] Verdict take_control(Connection& connection, std::string_view relayed,
                                     std::string_view topic, ByteView payload, const Rule& rule,
                                     std::uint8_t qos, Millis now);

  /// Wipes what the last sealed message opened to.
  void forget_plain() { wipe(plain_); }

 private:
  [[nodiscard]] Verdict judge_publish(const Connection& connection, const Rule& rule,
                                      Principal* principal, const Publish& publish, Millis now);
  [[nodiscard]] Principal* sender_of(Connection& connection, std::string_view bound) const;
  [[nodiscard]] bool read_message(const Incoming& incoming, Publish& publish);
  void tell_fleet(const Connection& connection, const Principal& sender, std::string_view topic,
                  const Verdict& verdict, Millis now);
  void draw(Principal& principal, Connection& connection, const Verdict& verdict, Millis now);
  void note_receipt(Principal& principal, Connection& connection, const Rule& rule,
                    const Verdict& verdict);
  void tell(Connection& connection, Principal* principal, const Verdict& verdict, Millis now);
  void audit(const Connection& connection, const Principal* principal, std::string_view topic,
             const Verdict& verdict, std::string_view word, Millis now);
  [[nodiscard]] Handling handle(Connection& connection, Principal* principal,
                                const config::TopicRule& rule, const Incoming& incoming,
                                std::string_view topic, const Verdict& verdict, Millis now);
  [[nodiscard]] Handling observe(Connection& connection, Principal* principal,
                                 std::string_view topic, const Verdict& verdict, Millis now);
  [[nodiscard]] Handling delivery(const Principal* principal, const Verdict& verdict) const;

  Context& context_;
  Sessions& sessions_;
  Inspector& inspector_;
  Postman& postman_;
  AuthServ& auth_serv_;
  Fleet& fleet_;
  std::vector<std::byte> props_;
  std::vector<std::byte> plain_;
  Bytes<64> property_{};
};

}  // namespace countersign::engine
