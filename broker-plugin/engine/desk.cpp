#include "engine/desk.hpp"

#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

std::uint8_t mark_of(ByteView bytes) {
  return bytes.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(bytes[0]);
}

Challenge head_of(const Digest& digest) {
  Challenge head;
  copy(digest, head);
  return head;
}

}  // namespace

void Desk::take(const HandshakeMessage& message, Millis now) {
  switch (mark_of(message.bytes)) {
    case kFirstMark:
      take_first(message, now);
      return;
    case kThirdMark:
      take_third(message, now);
      return;
    case kPasswordMark:
      auth_serv_.take_claim(message, now);
      return;
    case kAnswerMark:
      auth_serv_.take_answer(message, now);
      return;
    default:
      refuse(message, Refusal::malformed, now);
  }
}

void Desk::take_first(const HandshakeMessage& message, Millis now) {
  const auto first = parse_first(message.bytes);
  if (!first) {
    refuse(message, first.why(), now);
    return;
  }
  if (!admission_.within_rate(message, now)) {
    refuse(message, Refusal::busy, now);
    return;
  }
  Principal* principal = nullptr;
  if (const Refusal why = admit_first(message, *first, principal, now); why != Refusal::none) {
    refuse(message, why, now, first->identity);
    return;
  }
  answer_first(message, *principal, *first, now);
}

Refusal Desk::admit_first(const HandshakeMessage& message, const FirstMessage& first,
                          Principal*& principal, Millis now) {
  if (first.server_id != context_.settings->server_id ||
      (!message.relayed.empty() && first.identity != message.relayed)) {
    return Refusal::bad_handshake;
  }
  if (Admission::is_anothers(message, first.identity)) {
    return Refusal::denied;
  }
  principal = context_.registry.find(first.identity);
  if (principal == nullptr || principal->method() != Method::aplus) {
    return Refusal::unknown_sender;
  }
  if (const Refusal why = standing(*principal, now); why != Refusal::none) {
    return why;
  }
  return admission_.allows(*principal, first.suite) ? Refusal::none : Refusal::bad_handshake;
}

void Desk::answer_first(const HandshakeMessage& message, Principal& principal,
                        const FirstMessage& first, Millis now) {
  auto pending = std::make_unique<Pending>();
  if (const Refusal why = pending->responder.open(context_.crypto, principal.k, first);
      why != Refusal::none) {
    refuse(message, why, now, first.identity);
    return;
  }
  // it opened: the holder of the key made it, whoever sent it
  const Key key{message.connection.handle, std::string{message.relayed}};
  const Digest& digest = pending->responder.first_digest();
  if (const auto same = pending_.find(key);
      same != pending_.end() && same_tag(same->second->responder.first_digest(), digest)) {
    message.connection.opened_first = true;
    postman_.handshake(message.connection, message.relayed, same->second->responder.second());
    return;
  }
  const bool replay = same_tag(head_of(digest), principal.last_first);
  if (first.epoch < principal.epoch ||
      (first.epoch == principal.epoch && (replay || first.epoch == 0))) {
    refuse(message, Refusal::old_epoch, now, first.identity);
    return;
  }
  const auto kid = sessions_.allocate_kid(principal);
  AuthCode auth_code;
  if (!kid || !context_.random.fill(auth_code)) {
    refuse(message, Refusal::busy, now, first.identity);
    return;
  }
  pending->identity = principal.identity;
  pending->relayed = key.second;
  pending->since = now;
  pending->copied = first.epoch == principal.epoch;
  const auto second = pending->responder.answer(context_.crypto, context_.random, auth_code, *kid);
  if (!second) {
    refuse(message, second.why(), now, first.identity);
    return;
  }
  message.connection.opened_first = true;
  postman_.handshake(message.connection, message.relayed, *second);
  pending_[key] = std::move(pending);
}

void Desk::take_third(const HandshakeMessage& message, Millis now) {
  const auto found = pending_.find({message.connection.handle, std::string{message.relayed}});
  if (found == pending_.end()) {
    refuse(message, Refusal::bad_handshake, now);
    return;
  }
  Pending& pending = *found->second;
  const Refusal why = pending.responder.accept(context_.crypto, message.bytes);
  if (why != Refusal::none) {
    refuse(message, why, now, pending.identity);
    return;
  }
  if (!pending.responder.finished().empty()) {
    postman_.handshake(message.connection, pending.relayed, pending.responder.finished());
    return;
  }
  Principal* const principal = context_.registry.find(pending.identity);
  if (!pending.committing && principal != nullptr) {
    accept(message, pending, *principal, now);
  }
}

void Desk::accept(const HandshakeMessage& message, Pending& pending, Principal& principal,
                  Millis now) {
  // the connection may have become another's since m1
  const Refusal why = Admission::is_anothers(message, principal.identity)
                          ? Refusal::denied
                          : standing(principal, now);
  if (why != Refusal::none) {
    refuse(message, why, now, pending.identity);
    return;
  }
  if (pending.copied) {
    lock_copies(principal, message.connection, now);
    return;
  }
  const std::uint32_t epoch = pending.responder.epoch();
  if (epoch <= principal.epoch) {
    refuse(message, Refusal::old_epoch, now, pending.identity);
    return;
  }
  if (principal.card_key != nullptr && epoch > principal.epoch + 1) {
    audit_fact(context_, "epoch_gap", &message.connection, &principal, now,
               std::to_string(epoch - principal.epoch - 1));
  }
  principal.epoch = epoch;
  principal.last_first = head_of(pending.responder.first_digest());
  pending.committing = true;
  forget(principal.identity, &pending.responder);
  const ClientHandle handle = message.connection.handle;
  store::SetEpoch change{principal.identity, epoch, principal.last_first, principal.reputation};
  context_.commits.submit(std::move(change),
                          [this, handle, relayed = pending.relayed](bool durable, Millis then) {
                            finish(handle, relayed, durable, then);
                          });
}

void Desk::lock_copies(Principal& principal, const Connection& connection, Millis now) {
  principal.cloned = true;
  context_.commits.submit(store::PutRecord{context_.registry.record_of(principal)});
  audit_refusal(context_, "handshake", Refusal::cloned, &connection, &principal, now,
                "two copies of one key; an administrator decides");
  sessions_.end_all(principal, true, now);
  forget(principal.identity);
}

void Desk::finish(ClientHandle handle, const std::string& relayed, bool durable, Millis now) {
  const auto found = pending_.find({handle, relayed});
  Connection* const connection = context_.connections.find(handle);
  if (found == pending_.end() || connection == nullptr || !found->second->committing) {
    return;
  }
  Pending& pending = *found->second;
  Principal* const principal = context_.registry.find(pending.identity);
  if (!durable || principal == nullptr || standing(*principal, now) != Refusal::none) {
    audit_refusal(context_, "handshake", durable ? Refusal::denied : Refusal::internal, connection,
                  principal, now, context_.commits.failure());
    pending_.erase(found);
    return;
  }
  const HandshakeMessage third{*connection, pending.relayed, {}};
  if (!pending.responder.finish(context_.crypto, last_receipt(*principal)) ||
      !admission_.admit(third, *principal, pending.responder.agreement(), now)) {
    audit_refusal(context_, "handshake", Refusal::internal, connection, principal, now);
    pending_.erase(found);
    return;
  }
  postman_.handshake(*connection, pending.relayed, pending.responder.finished());
}

void Desk::refuse(const HandshakeMessage& message, Refusal why, Millis now,
                  std::string_view detail) {
  admission_.refuse(message, "handshake", why, now, detail);
}

void Desk::forget(ClientHandle handle) {
  const auto first = pending_.lower_bound({handle, std::string{}});
  auto last = first;
  while (last != pending_.end() && last->first.first == handle) {
    ++last;
  }
  pending_.erase(first, last);
  auth_serv_.forget(handle);
}

void Desk::forget(const std::string& identity, const AplusResponder* winner) {
  std::erase_if(pending_, [&](const auto& entry) {
    return entry.second->identity == identity && &entry.second->responder != winner;
  });
  if (winner == nullptr) {
    auth_serv_.forget(identity);
  }
}

void Desk::tick(Millis now) {
  std::erase_if(pending_, [&](const auto& entry) {
    return now - entry.second->since >= context_.settings->connections.handshake_time;
  });
  auth_serv_.tick(now);
  admission_.tick(now);
}

}  // namespace countersign::engine
