#include "engine/auth_serv.hpp"
#include "engine/registration_fields.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr Millis kSecond = 1000;
constexpr Millis kAnsweredMillis = 10'000;  // for so long a lost `finished` is sent again

}  // namespace

/// q10 -enforcement-> q9
void AuthServ::challenge(Connection& connection, Principal& principal, LiveSession& session,
                         Millis now) {
  std::unique_ptr<Enforced>& enforced = enforced_[principal.identity];
  if (enforced != nullptr && enforced->answered == 0 && enforced->kid != session.kid) {
    const auto* const other = static_cast<const LiveSession*>(principal.find(enforced->kid));
    if (other != nullptr && !other->over) {
      return;  // asked in another session of its own, which can still answer
    }
  }
  const bool new_demand =
      enforced == nullptr || enforced->kid != session.kid || enforced->answered != 0;
  if (new_demand) {
    enforced = std::make_unique<Enforced>();
    enforced->kid = session.kid;
    if (!ask(enforced->responder, &principal, Credence::right)) {
      enforced_.erase(principal.identity);
      return;
    }
  }
  if (!new_demand && now - enforced->sent < kSecond && now >= enforced->sent) {
    return;
  }
  enforced->sent = now;
  postman_.question(connection, session, enforced->responder.question());
}

/// q9 -step2-> q3 -step2_ok-> q5, or q3 -step2_fail-> q8
void AuthServ::take_enforced(const HandshakeMessage& message, Principal& principal,
                             LiveSession& session, Millis now) {
  const auto found = enforced_.find(principal.identity);
  if (found == enforced_.end() || found->second->kid != session.kid) {
    audit_refusal(context_, "enforcement", Refusal::bad_handshake, &message.connection, &principal,
                  now, "answers nothing");
    return;
  }
  Enforced& enforced = *found->second;
  const RegistrationFieldList fields{principal.registration()};
  const Refusal why =
      enforced.responder.accept(context_.crypto, principal.k, fields.view(), message.bytes);
  if (why == Refusal::none && enforced.answered != 0) {
    postman_.handshake(message.connection, message.relayed, enforced.responder.finished());
    return;
  }
  if (why == Refusal::none) {
    enforced.answered = now;
    forget(principal.identity, &enforced.responder);
    if (!finish(message, enforced.responder, principal, now)) {
      audit_refusal(context_, "enforcement", Refusal::internal, &message.connection, &principal,
                    now);
      enforced_.erase(principal.identity);
    }
    return;
  }
  if (enforced.responder.spent()) {
    inspector_.fail(principal, "wrong answer", now);
    enforced_.erase(found);
    return;
  }
  audit_refusal(context_, "enforcement", why, &message.connection, &principal, now);
}

void AuthServ::tick(Millis now) {
  passwords_.tick(now);
  std::erase_if(asked_, [&](const auto& entry) {
    return now - entry.second->since >= context_.settings->connections.handshake_time;
  });
  std::erase_if(enforced_, [&](const auto& entry) {
    const Enforced& enforced = *entry.second;
    const Principal* const principal = context_.registry.find(entry.first);
    const bool over = principal == nullptr || principal->enforcement_deadline == 0;
    return enforced.answered != 0 ? now - enforced.answered >= kAnsweredMillis : over;
  });
}

}  // namespace countersign::engine
