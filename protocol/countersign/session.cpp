#include "countersign/session.hpp"

namespace countersign {

bool open_session(const Crypto& crypto, const Agreement& agreement, Millis now, Session& out,
                  DirectionKey& up) {
  out.auth_code = agreement.auth_code;
  out.kid = agreement.kid;
  out.sk = agreement.sk;
  out.created = now;
  if (!derive(crypto, out.sk, Direction::up, up)) {
    return false;
  }
  out.up = static_cast<const SealingKey&>(up);  // K_mac stays behind, in `up_mac` alone
  return true;
}

Session* Sender::find(std::uint16_t kid) const {
  Session* session = sessions;
  while (session != nullptr && session->kid != kid) {
    session = session->next;
  }
  return session;
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
