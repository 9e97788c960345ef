#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/auth_serv.hpp"

namespace countersign::engine {

/// What BASIC_AUTH knows of a CONNECT. Borrows. Username and password are null if absent.
struct Knock {
  ClientHandle handle = nullptr;
  const char* client_id = nullptr;
  const char* username = nullptr;
  const char* password = nullptr;
  const char* address = nullptr;  ///< null: a stored session without a connection
  bool clean_session = false;
};

enum class Entry { accept, refuse, others_decide };

/// Who may hold a connection: strangers to shake hands, identities by a resume proof, compatibility
/// devices by their password, everybody else as other access control decides (docs/protocol.md,
/// sections 2 and 6).
class Door {
 public:
  Door(Context& context, AuthServ& auth_serv) : context_{context}, auth_serv_{auth_serv} {}

  [[nodiscard]] Entry judge(const Knock& knock, Millis now);

  /// From RELOAD to the next TICK the broker asks again about everybody it has; at other times
  /// every question is about a new CONNECT.
  void reasking(bool now) { reasking_ = now; }

  /// Closes strangers that took too long, and intruders. Call it from TICK.
  void tick(Millis now);

 private:
  [[nodiscard]] Entry judge_again(const Connection& connection, const Knock& knock, Millis now);
  [[nodiscard]] Entry judge_stranger(const Knock& knock, Millis now);
  [[nodiscard]] Entry judge_step1(const Knock& knock, Millis now);
  [[nodiscard]] Connection* admit_stranger(const Knock& knock, Millis now);
  [[nodiscard]] Entry judge_compatible(const Knock& knock, Principal& principal, Millis now);
  [[nodiscard]] bool is_same_connect(const Connection& known, const Knock& knock) const;
  [[nodiscard]] bool is_anothers(std::string_view client_id, std::string_view identity) const;
  [[nodiscard]] std::string proof_of(std::string_view password) const;
  [[nodiscard]] Entry judge_resume(const Knock& knock, Principal& principal, Millis now);
  [[nodiscard]] Refusal verify_resume(const Knock& knock, Principal& principal, Millis now,
                                      LiveSession*& session, std::uint32_t& n);
  [[nodiscard]] Entry judge_foreigner(const Knock& knock, Millis now);
  [[nodiscard]] Entry judge_stored(const Knock& knock);
  [[nodiscard]] bool make_room_for_stranger(std::string_view address);
  void forget_strangers_gone();
  Entry refuse(const Knock& knock, Refusal why, Millis now);

  struct Stranger {
    ClientHandle handle;
    std::uint64_t serial;
  };

  Context& context_;
  AuthServ& auth_serv_;
  std::vector<Stranger> strangers_;  ///< whoever came as one, the oldest first
  bool reasking_ = false;
};

}  // namespace countersign::engine
