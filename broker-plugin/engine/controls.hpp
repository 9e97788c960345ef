#pragma once

#include "engine/admin.hpp"
#include "engine/desk.hpp"
#include "engine/publishes.hpp"
#include "engine/rekeys.hpp"

namespace countersign::engine {

/// What comes on `$CONTROL/countersign/…`: handshakes, will commitments, requests for receipts, and
/// administration (docs/protocol.md, sections 3 and 10).
class Controls {
 public:
  Controls(Context& context, Desk& desk, AuthServ& auth_serv, Publishes& publishes,
           Sessions& sessions, Postman& postman, Admin& admin, Fleet& fleet)
      : context_{context},
        desk_{desk},
        auth_serv_{auth_serv},
        publishes_{publishes},
        sessions_{sessions},
        postman_{postman},
        admin_{admin},
        fleet_{fleet},
        rekeys_{context, postman} {}

  void take_auth(Connection& connection, ByteView payload, std::uint8_t qos, Millis now);
  void take_admin(Connection& connection, ByteView payload, std::uint8_t qos, Millis now);

 private:
  void take_relayed(Connection& connection, ByteView payload, std::uint8_t qos, Millis now);
  void take_for(Connection& connection, std::string_view relayed, ByteView payload,
                std::uint8_t qos, Millis now);
  void take_envelope(Connection& connection, std::string_view relayed, ByteView payload,
                     std::uint8_t qos, Millis now);
  void take_answer(Connection& connection, std::string_view relayed, LiveSession& session,
                   ByteView payload, Millis now);
  void take_rekey(Connection& connection, std::string_view identity, LiveSession& session,
                  ByteView payload, Millis now);
  [[nodiscard]] bool take_report(const Connection& connection, std::string_view relayed,
                                 ByteView payload, Millis now);
  void commit_will(Connection& connection, const LiveSession& session, ByteView payload,
                   Millis now);
  void give_receipt(Connection& connection, std::string_view identity, LiveSession& session,
                    ByteView payload, Millis now);

  Context& context_;
  Desk& desk_;
  AuthServ& auth_serv_;
  Publishes& publishes_;
  Sessions& sessions_;
  Postman& postman_;
  Admin& admin_;
  Fleet& fleet_;
  Rekeys rekeys_;
};

}  // namespace countersign::engine
