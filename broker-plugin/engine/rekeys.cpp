#include "engine/rekeys.hpp"

#include <string>

#include "countersign/keys.hpp"
#include "countersign/rekey.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {

Refusal Rekeys::take(Connection& connection, Principal& principal, LiveSession& session,
                     ByteView message) {
  // k never leaves a card, and a password is no key
  if (principal.card_key != nullptr || principal.kind == Kind::legacy) {
    return Refusal::denied;
  }
  const HeldKey present{context_.crypto, principal.k};
  if (check_rekey(present, kRekeyMark, message) == Refusal::none) {
    postman_.rekeyed(connection, session, principal.k);
    return Refusal::none;
  }
  Key32 next;
  if (!next_key(context_.crypto, present, session.sk, next)) {
    return Refusal::internal;
  }
  const Refusal why = check_rekey(HeldKey{context_.crypto, next}, kRekeyMark, message);
  if (why == Refusal::none) {
    return change(connection, principal, session, next);
  }
  if (why == Refusal::bad_tag) {
    // a key of an earlier session, whose change never came about: it learns which one counts
    postman_.rekeyed(connection, session, principal.k);
  }
  return why;
}

/// Until it is durable the old k stays in force: a device that hears nothing tries both.
Refusal Rekeys::change(const Connection& connection, Principal& principal,
                       const LiveSession& session, const Key32& next) {
  context_.commits.submit(
      store::SetKey{principal.identity, next},
      [this, handle = connection.handle, identity = principal.identity, kid = session.kid, next](
          bool durable, Millis now) { changed(handle, identity, kid, next, durable, now); });
  return Refusal::none;
}

void Rekeys::changed(ClientHandle handle, const std::string& identity, std::uint16_t kid,
                     const Key32& next, bool durable, Millis now) {
  Principal* const principal = context_.registry.find(identity);
  Connection* const connection = context_.connections.find(handle);
  if (!durable || principal == nullptr) {
    audit_refusal(context_, "rekey", Refusal::internal, connection, principal, now,
                  context_.commits.failure());
    return;
  }
  principal->k = next;
  audit_fact(context_, "rekeyed", connection, principal, now);
  auto* const session = static_cast<LiveSession*>(principal->find(kid));
  if (connection != nullptr && connection->identity == identity && session != nullptr) {
    postman_.rekeyed(*connection, *session, next);
  }
}

}  // namespace countersign::engine
