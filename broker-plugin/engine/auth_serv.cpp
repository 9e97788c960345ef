#include "engine/auth_serv.hpp"

#include <algorithm>
#include <array>

#include "engine/registration_fields.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr std::string_view kStep1 = "step1";
constexpr std::string_view kStep2 = "step2";

Digest digest_of(const Crypto& crypto, const PasswordClaim& claim) {
  constexpr std::array<std::byte, 1> kBetween{};  // no identity holds it
  Digest digest{};
  const std::array<ByteView, 3> parts{bytes_of(claim.user), kBetween, claim.password};
  // a backend that fails here draws no q either
  static_cast<void>(crypto.sha256(parts, digest));
  return digest;
}

}  // namespace

/// The device of that name, if it logs in by these steps.
Principal* AuthServ::registered(std::string_view user) {
  Principal* const principal = context_.registry.find(user);
  return principal != nullptr && principal->method() == Method::mfar ? principal : nullptr;
}

/// q0 -step1-> q1 -step1_ok-> q2 -generate_query-> q9 -send_query-> q2
void AuthServ::take_claim(const HandshakeMessage& message, Millis now) {
  const auto claim = parse_password_claim(message.bytes);
  if (!claim) {
    admission_.refuse(message, kStep1, claim.why(), now);
    return;
  }
  Credence credence{};
  const Refusal why = admit_claim(message, *claim, credence, now);
  if (why != Refusal::none) {
    admission_.refuse(message, kStep1, why, now, claim->user);
    return;
  }
  if (send_again(message, *claim)) {
    return;
  }
  auto asked = make_asked(*claim, credence, now);
  if (asked == nullptr) {
    admission_.refuse(message, kStep1, Refusal::busy, now, claim->user);
    return;
  }
  audit_claim(message.connection, *claim, credence, now);
  message.connection.opened_first |= credence == Credence::right;
  send(message, *asked);
  asked_[{message.connection.handle, std::string{message.relayed}}] = std::move(asked);
}

Refusal AuthServ::admit_claim(const HandshakeMessage& message, const PasswordClaim& claim,
                              Credence& credence, Millis now) {
  if (!admission_.within_rate(message, now)) {
    return Refusal::busy;
  }
  if ((!message.relayed.empty() && claim.user != message.relayed) ||
      Admission::is_anothers(message, claim.user)) {
    return Refusal::denied;
  }
  const Refusal why = judge_claim(claim, message.connection.address, credence, now);
  const auto found = asked_.find({message.connection.handle, std::string{message.relayed}});
  const bool waits = found != asked_.end() && !found->second->responder.accepted() &&
                     found->second->unseen_password.empty();
  // a guess that nobody looks at does not push out what the device itself was asked
  return credence == Credence::unseen && waits && why == Refusal::none ? Refusal::busy : why;
}

/// AUTH1 is the connection's: the identity keeps its level.
void AuthServ::audit_claim(const Connection& connection, const PasswordClaim& claim,
                           Credence credence, Millis now) {
  AuditLine line = line_of(kStep1, &connection, nullptr, now);
  line.verdict = credence == Credence::right ? "accept" : "defer";
  line.identity = claim.user;
  line.detail = credence == Credence::right ? "AUTH1" : "locked out: asked before the password";
  context_.audit.write(line);
}

void AuthServ::send(const HandshakeMessage& message, Asked& asked) {
  asked.sent = true;
  postman_.handshake(message.connection, message.relayed, asked.responder.question());
}

/// The same step 1 again, while its q waits, gets the same q.
bool AuthServ::send_again(const HandshakeMessage& message, const PasswordClaim& claim) {
  const auto found = asked_.find({message.connection.handle, std::string{message.relayed}});
  if (found == asked_.end() || found->second->responder.accepted() ||
      !same_tag(found->second->claim, digest_of(context_.crypto, claim))) {
    return false;
  }
  send(message, *found->second);
  return true;
}

/// q1 -step1_fail-> q8, unless nobody looks at the password now.
Refusal AuthServ::judge_claim(const PasswordClaim& claim, std::string_view address,
                              Credence& credence, Millis now) {
  const Principal* const principal = registered(claim.user);
  credence = passwords_.judge(principal, claim.user, claim.password, address, now);
  if (credence == Credence::wrong) {
    return Refusal::bad_handshake;
  }
  // whoever may not log in gets a q like everybody in a lock-out, and no answer to it is right
  return credence == Credence::unseen ? Refusal::none : standing(*principal, now);
}

Refusal AuthServ::judge_connect(const PasswordClaim& claim, std::string_view address,
                                Credence& credence, Millis now) {
  const Refusal why = judge_claim(claim, address, credence, now);
  if (counts_against_connection(why)) {
    context_.addresses.offend(address, now);
  }
  return why;
}

void AuthServ::ask_later(Connection& connection, const PasswordClaim& claim, Credence credence,
                         Millis now) {
  auto asked = make_asked(claim, credence, now);
  if (asked != nullptr) {
    audit_claim(connection, claim, credence, now);
    connection.opened_first |= credence == Credence::right;
    asked_[{connection.handle, std::string{}}] = std::move(asked);
    to_ask_.push_back(connection.handle);
  }
}

/// q1 -step1_ok-> q2 -compatibility_mode-> q4
Refusal AuthServ::judge_compatible(Principal& principal, ByteView password,
                                   std::string_view address, Millis now) {
  const Credence credence =
      passwords_.judge(&principal, principal.identity, password, address, now);
  const Refusal standing_now = standing(principal, now);
  if (credence == Credence::wrong) {
    context_.addresses.offend(address, now);
  }
  if (credence != Credence::right) {
    return credence == Credence::wrong ? Refusal::bad_handshake : Refusal::busy;
  }
  if (standing_now == Refusal::none) {
    passwords_.logged_in(principal, address);
  }
  return standing_now;
}

std::unique_ptr<AuthServ::Asked> AuthServ::make_asked(const PasswordClaim& claim, Credence credence,
                                                      Millis now) {
  auto asked = std::make_unique<Asked>();
  Principal* principal = registered(claim.user);
  if (principal != nullptr && standing(*principal, now) != Refusal::none) {
    principal = nullptr;
  }
  if (!ask(asked->responder, principal, credence)) {
    return nullptr;
  }
  asked->identity = principal == nullptr ? std::string{} : principal->identity;
  asked->claim = digest_of(context_.crypto, claim);
  asked->since = now;
  if (credence == Credence::unseen) {
    asked->unseen_password.assign(claim.password.begin(), claim.password.end());
  }
  return asked;
}

/// In a lock-out nobody can tell a device from a user who does not exist: kids are drawn, suites
/// are those of any device, and only fields are named that every device has. Nothing durable
/// changes.
bool AuthServ::ask(MfarResponder& responder, Principal* principal, Credence credence) {
  const bool unseen = credence == Credence::unseen;
  const RegistrationFieldList fields{principal == nullptr ? nullptr : principal->registration(),
                                     unseen};
  Principal nobody;
  Principal& asked = principal == nullptr ? nobody : *principal;
  const auto suite = admission_.suite_of(unseen ? nobody : asked);
  const auto kid = unseen ? sessions_.draw_kid(asked) : sessions_.allocate_kid(asked);
  std::array<char, kMaxQueryBytes> room{};
  const auto query = make_query(context_.random, fields.view(), room);
  AuthCode auth_code;
  return query && suite && kid && context_.random.fill(auth_code) &&
         responder.ask(context_.crypto, context_.random, *suite, auth_code, *kid, *query);
}

/// q2 -step2-> q3
void AuthServ::take_answer(const HandshakeMessage& message, Millis now) {
  const auto found = asked_.find({message.connection.handle, std::string{message.relayed}});
  if (found == asked_.end()) {
    admission_.refuse(message, kStep2, Refusal::bad_handshake, now);
    return;
  }
  Asked& asked = *found->second;
  if (asked.responder.accepted()) {
    // the same answer again gets the same finished; any other is ignored
    if (asked.responder.accept(context_.crypto, {}, {}, message.bytes) == Refusal::none) {
      postman_.handshake(message.connection, message.relayed, asked.responder.finished());
    }
    return;
  }
  const Refusal why = judge_answer(message, asked, now);
  if (why != Refusal::none) {
    admission_.refuse(message, kStep2, why, now, asked.identity);
    if (why != Refusal::malformed) {
      asked_.erase(found);
    }
    return;
  }
  Principal& principal = *context_.registry.find(asked.identity);
  passwords_.logged_in(principal, message.connection.address);
  forget(principal.identity, &asked.responder);
  if (!finish(message, asked.responder, principal, now)) {
    admission_.refuse(message, kStep2, Refusal::internal, now, principal.identity);
    asked_.erase(found);
  }
}

/// q3 -step2_ok-> q5, or q3 -step2_fail-> q8
Refusal AuthServ::judge_answer(const HandshakeMessage& message, Asked& asked, Millis now) {
  const Principal* const principal = context_.registry.find(asked.identity);
  const store::Registration* const registration =
      principal == nullptr ? nullptr : principal->registration();
  Key32 k_reg;  // nobody's is random
  if (registration == nullptr && !context_.random.fill(k_reg.fill())) {
    return Refusal::internal;
  }
  const RegistrationFieldList fields{registration};
  const Refusal why =
      asked.responder.accept(context_.crypto, registration == nullptr ? k_reg : principal->k,
                             fields.view(), message.bytes);
  if (why != Refusal::none || registration == nullptr) {
    return why == Refusal::none ? Refusal::bad_handshake : why;
  }
  // whoever proved K_reg is the device: only now is it worth looking at what came in a lock-out
  if (!asked.unseen_password.empty() &&
      !PasswordCheck::is_right(*principal, asked.unseen_password)) {
    return Refusal::bad_handshake;
  }
  return Admission::is_anothers(message, asked.identity) ? Refusal::denied
                                                         : standing(*principal, now);
}

bool AuthServ::finish(const HandshakeMessage& message, MfarResponder& responder,
                      Principal& principal, Millis now) {
  const auto finished = responder.finish(context_.crypto, last_receipt(principal));
  if (!finished || !admission_.admit(message, principal, responder.agreement(), now)) {
    return false;
  }
  postman_.handshake(message.connection, message.relayed, *finished);
  return true;
}

void AuthServ::forget(ClientHandle handle) {
  const auto first = asked_.lower_bound({handle, std::string{}});
  auto last = first;
  while (last != asked_.end() && last->first.first == handle) {
    ++last;
  }
  asked_.erase(first, last);
}

void AuthServ::forget(const std::string& identity, const MfarResponder* winner) {
  std::erase_if(asked_, [&](const auto& entry) {
    return entry.second->identity == identity && &entry.second->responder != winner;
  });
  if (const auto found = enforced_.find(identity);
      found != enforced_.end() && &found->second->responder != winner) {
    enforced_.erase(found);
  }
}

void AuthServ::send_questions() {
  for (const ClientHandle handle : std::exchange(to_ask_, {})) {
    Connection* const connection = context_.connections.find(handle);
    const auto found = asked_.find({handle, std::string{}});
    if (connection != nullptr && !connection->departed && found != asked_.end() &&
        !found->second->sent) {
      send({*connection, {}, {}}, *found->second);
    }
  }
}

}  // namespace countersign::engine
