#include "countersign/session.hpp"

namespace countersign {

bool open_session(const Crypto& crypto, const Agreement& agreement, Millis now, Session& out) {
  out.auth_code = agreement.auth_code;
  out.kid = agreement.kid;
  out.sk = agreement.sk;
  out.created = now;
  return derive(crypto, out.sk, Direction::up, out.up) &&
         derive(crypto, out.sk, Direction::down, out.down);
}

Session* Sender::find(std::uint16_t kid) const {
  for (Session* const session : sessions) {
    if (session->kid == kid) {
      return session;
    }
  }
  return nullptr;
}

Refusal standing(const Sender& sender, Millis now) {
  if (sender.disabled) {
    return Refusal::disabled;
  }
  if (sender.blocked) {
    return Refusal::blocked;
  }
  if (sender.cloned) {
    return Refusal::cloned;
  }
  return sender.expelled_until > now ? Refusal::expelled : Refusal::none;
}

}  // namespace countersign
