#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "countersign/aplus.hpp"
#include "engine/auth_serv.hpp"

namespace countersign::engine {

/// Side T of every handshake: MAISTS A here, MFA_R behind `AuthServ`. Failure is answered with
/// silence; only the audit knows why (docs/protocol.md, sections 3, 4 and 6).
class Desk {
 public:
  Desk(Context& context, Sessions& sessions, Postman& postman, Admission& admission,
       AuthServ& auth_serv)
      : context_{context},
        sessions_{sessions},
        postman_{postman},
        admission_{admission},
        auth_serv_{auth_serv} {}

  void take(const HandshakeMessage& message, Millis now);

  /// Forgets what belongs to a connection that is gone.
  void forget(ClientHandle handle);
  /// Forgets the pending handshakes of an identity, but for the one that won.
  void forget(const std::string& identity, const AplusResponder* winner = nullptr);

  /// Forgets what took too long.
  void tick(Millis now);

  [[nodiscard]] std::size_t size() const { return pending_.size(); }

 private:
  struct Pending {
    AplusResponder responder;
    std::string identity;
    std::string relayed;
    Millis since = 0;
    bool copied = false;      ///< its epoch is the last accepted one with other bytes
    bool committing = false;  ///< m3 was right; waits for its epoch to be durable
  };
  using Key = std::pair<ClientHandle, std::string>;

  void take_first(const HandshakeMessage& message, Millis now);
  void take_third(const HandshakeMessage& message, Millis now);
  [[nodiscard]] Refusal admit_first(const HandshakeMessage& message, const FirstMessage& first,
                                    Principal*& principal, Millis now);
  void answer_first(const HandshakeMessage& message, Principal& principal,
                    const FirstMessage& first, Millis now);
  void accept(const HandshakeMessage& message, Pending& pending, Principal& principal, Millis now);
  void lock_copies(Principal& principal, const Connection& connection, Millis now);
  void finish(ClientHandle handle, const std::string& relayed, bool durable, Millis now);
  void refuse(const HandshakeMessage& message, Refusal why, Millis now,
              std::string_view detail = {});

  Context& context_;
  Sessions& sessions_;
  Postman& postman_;
  Admission& admission_;
  AuthServ& auth_serv_;
  std::map<Key, std::unique_ptr<Pending>> pending_;
};

}  // namespace countersign::engine
