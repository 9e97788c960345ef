#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "countersign/mfar.hpp"
#include "engine/admission.hpp"
#include "engine/password_check.hpp"
#include "engine/postman.hpp"

namespace countersign::engine {

/// [MFA_R: AuthServ] Side T of the two steps, and of enforcement by a query (docs/protocol.md,
/// section 6). States of the published automaton: q0 waits for step 1, q1 checks the password, q2
/// and q9 have sent a query, q3 checks the answer, q5 is a session, q8 a failure.
class AuthServ {
 public:
  AuthServ(Context& context, Sessions& sessions, Inspector& inspector, Postman& postman,
           Admission& admission)
      : context_{context},
        sessions_{sessions},
        inspector_{inspector},
        postman_{postman},
        admission_{admission},
        passwords_{context} {}

  /// Step 1 by topic.
  void take_claim(const HandshakeMessage& message, Millis now);
  /// Step 1 by CONNECT, under a stranger's client id. Once the connection is admitted, `ask_later`.
  /// \returns `none` if it may come in.
  [[nodiscard]] Refusal judge_connect(const PasswordClaim& claim, std::string_view address,
                                      Credence& credence, Millis now);
  /// Makes the q that leaves with the next TICK: the broker does not know the client before.
  void ask_later(Connection& connection, const PasswordClaim& claim, Credence credence, Millis now);
  /// A compatibility device's CONNECT. \returns `none` if it may come in.
  [[nodiscard]] Refusal judge_compatible(Principal& principal, ByteView password,
                                         std::string_view address, Millis now);

  /// Step 2.
  void take_answer(const HandshakeMessage& message, Millis now);

  /// Enforcement: sends q on a notice, always the same while the demand lasts.
  void challenge(Connection& connection, Principal& principal, LiveSession& session, Millis now);
  /// `message.bytes` opened in `session`: only that makes a wrong answer cost the session.
  void take_enforced(const HandshakeMessage& message, Principal& principal, LiveSession& session,
                     Millis now);

  void forget(ClientHandle handle);
  void forget(const std::string& identity, const MfarResponder* winner = nullptr);
  void reload() { passwords_.reload(); }
  /// Sends what `ask_later` made. Call it in every TICK.
  void send_questions();
  /// Forgets what took too long.
  void tick(Millis now);

 private:
  using Key = std::pair<ClientHandle, std::string>;

  /// A q that waits for its answer.
  struct Asked {
    MfarResponder responder;
    std::string identity;  ///< empty: nobody's, for a guesser to answer
    Digest claim{};        ///< of user and password: the same step 1 again gets the same q
    std::vector<std::byte> unseen_password;
    Millis since = 0;
    bool sent = false;

    Asked() = default;
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;
    ~Asked() { wipe(unseen_password); }
  };
  struct Enforced {
    MfarResponder responder;
    std::uint16_t kid = 0;
    Millis sent = 0;
    Millis answered = 0;  ///< 0: not yet
  };

  [[nodiscard]] Principal* registered(std::string_view user);
  [[nodiscard]] bool ask(MfarResponder& responder, Principal* principal, Credence credence);
  [[nodiscard]] std::unique_ptr<Asked> make_asked(const PasswordClaim& claim, Credence credence,
                                                  Millis now);
  [[nodiscard]] Refusal admit_claim(const HandshakeMessage& message, const PasswordClaim& claim,
                                    Credence& credence, Millis now);
  [[nodiscard]] Refusal judge_claim(const PasswordClaim& claim, std::string_view address,
                                    Credence& credence, Millis now);
  void audit_claim(const Connection& connection, const PasswordClaim& claim, Credence credence,
                   Millis now);
  void send(const HandshakeMessage& message, Asked& asked);
  [[nodiscard]] bool send_again(const HandshakeMessage& message, const PasswordClaim& claim);
  [[nodiscard]] Refusal judge_answer(const HandshakeMessage& message, Asked& asked, Millis now);
  [[nodiscard]] bool finish(const HandshakeMessage& message, MfarResponder& responder,
                            Principal& principal, Millis now);
  Context& context_;
  Sessions& sessions_;
  Inspector& inspector_;
  Postman& postman_;
  Admission& admission_;
  PasswordCheck passwords_;
  std::map<Key, std::unique_ptr<Asked>> asked_;
  std::unordered_map<std::string, std::unique_ptr<Enforced>> enforced_;
  std::vector<ClientHandle> to_ask_;  ///< admitted by CONNECT since the last TICK
};

}  // namespace countersign::engine
