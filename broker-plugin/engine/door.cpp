#include "engine/door.hpp"

#include <array>

#include "countersign/resume.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

std::string_view text_or_empty(const char* text) {
  return text == nullptr ? std::string_view{} : std::string_view{text};
}

}  // namespace

/// The broker means a context that we know, and not a new one that stands at the same place in
/// memory: it still has the password of then.
bool Door::is_same_connect(const Connection& known, const Knock& knock) const {
  return known.client_id == text_or_empty(knock.client_id) &&
         (known.standing != Standing::proven ||
          same_tag(bytes_of(known.proof), bytes_of(proof_of(text_or_empty(knock.password)))));
}

/// A digest, for passwords are not kept; empty without a password.
std::string Door::proof_of(std::string_view password) const {
  if (password.empty()) {
    return {};
  }
  Digest digest{};
  const std::array<ByteView, 1> parts{bytes_of(password)};
  return context_.crypto.sha256(parts, digest) ? std::string{text_of(digest)} : std::string{};
}

Entry Door::judge(const Knock& knock, Millis now) {
  const std::string_view client_id = text_or_empty(knock.client_id);
  Connection* const known = context_.connections.find(knock.handle);
  // a departed record must not let in who repeats its CONNECT at the same place in memory
  if (reasking_ && known != nullptr && is_same_connect(*known, knock)) {
    return judge_again(*known, knock, now);
  }
  if (knock.address == nullptr) {
    return judge_stored(knock);
  }
  Principal* const named = context_.registry.find(text_or_empty(knock.username));
  const bool compatible = named != nullptr && named->kind == Kind::legacy;
  if (!compatible && !client_id.empty() && client_id.front() == '~') {
    return knock.password == nullptr ? judge_stranger(knock, now) : judge_step1(knock, now);
  }
  Principal* const owner = context_.registry.find(owner_of(client_id));
  if (owner != nullptr && owner->kind != Kind::legacy) {
    return judge_resume(knock, *owner, now);
  }
  return compatible ? judge_compatible(knock, *named, now) : judge_foreigner(knock, now);
}

/// The broker asks again for a context that was accepted (SIGHUP): its password was judged once.
Entry Door::judge_again(const Connection& connection, const Knock& knock, Millis now) {
  switch (connection.standing) {
    case Standing::stranger:
      return Entry::accept;
    case Standing::foreign:
      return Entry::others_decide;
    case Standing::intruder:
      return Entry::refuse;
    case Standing::proven:
      break;
  }
  const Principal* const principal = context_.registry.find(connection.identity);
  if (principal == nullptr) {
    return refuse(knock, Refusal::unknown_sender, now);
  }
  const Refusal why = standing(*principal, now);
  return why == Refusal::none ? Entry::accept : refuse(knock, why, now);
}

/// A session of the broker's store, without a connection: nothing is granted by it.
Entry Door::judge_stored(const Knock& knock) {
  const std::string_view client_id = text_or_empty(knock.client_id);
  const Principal* const owner = context_.registry.find(owner_of(client_id));
  if (owner == nullptr || owner->kind == Kind::legacy) {
    const Principal* const named = context_.registry.find(text_or_empty(knock.username));
    return named != nullptr && named->kind == Kind::legacy ? Entry::accept : Entry::others_decide;
  }
  return text_or_empty(knock.username) == owner->identity ? Entry::accept : Entry::refuse;
}

Entry Door::judge_stranger(const Knock& knock, Millis now) {
  const std::string_view username = text_or_empty(knock.username);
  if (!is_stranger(text_or_empty(knock.client_id)) || !knock.clean_session ||
      (!username.empty() && username != "~")) {
    return refuse(knock, Refusal::denied, now);
  }
  return admit_stranger(knock, now) != nullptr ? Entry::accept : Entry::refuse;
}

/// [MFA_R, step 1] A stranger who brings user and password: still a stranger, but one that is
/// asked.
Entry Door::judge_step1(const Knock& knock, Millis now) {
  const PasswordClaim claim{text_or_empty(knock.username), bytes_of(text_or_empty(knock.password))};
  if (!is_stranger(text_or_empty(knock.client_id)) || !knock.clean_session ||
      !is_identity(claim.user) || claim.password.empty()) {
    return refuse(knock, Refusal::denied, now);
  }
  Credence credence{};
  const Refusal why = auth_serv_.judge_connect(claim, knock.address, credence, now);
  if (why != Refusal::none) {
    return refuse(knock, why, now);
  }
  Connection* const connection = admit_stranger(knock, now);
  if (connection == nullptr) {
    return Entry::refuse;
  }
  connection->username = claim.user;
  connection->proof = proof_of(text_or_empty(knock.password));
  auth_serv_.ask_later(*connection, claim, credence, now);
  return Entry::accept;
}

/// \returns null if there is no room, or somebody has that client id.
Connection* Door::admit_stranger(const Knock& knock, Millis now) {
  const std::string_view client_id = text_or_empty(knock.client_id);
  const bool in_use = context_.connections.is_live(client_id);
  if (in_use || !make_room_for_stranger(knock.address)) {
    static_cast<void>(refuse(knock, in_use ? Refusal::denied : Refusal::busy, now));
    return nullptr;
  }
  Connection& connection =
      context_.connections.admit(knock.handle, std::string{client_id}, knock.address, now);
  connection.standing = Standing::stranger;
  strangers_.push_back({connection.handle, connection.serial});
  return &connection;
}

/// A compatibility device: its password is all it ever shows.
Entry Door::judge_compatible(const Knock& knock, Principal& principal, Millis now) {
  const std::string_view client_id = text_or_empty(knock.client_id);
  const std::string_view password = text_or_empty(knock.password);
  const Refusal why =
      auth_serv_.judge_compatible(principal, bytes_of(password), knock.address, now);
  if (why != Refusal::none) {
    return refuse(knock, why, now);
  }
  if (is_anothers(client_id, principal.identity)) {
    return refuse(knock, Refusal::denied, now);
  }
  context_.connections.supersede(client_id, knock.handle);
  Connection& connection =
      context_.connections.admit(knock.handle, std::string{client_id}, knock.address, now);
  connection.standing = Standing::proven;
  connection.identity = principal.identity;
  connection.username = principal.identity;
  connection.proof = proof_of(password);
  AuditLine line = line_of("step1", &connection, &principal, now);
  line.verdict = "accept";
  line.detail = "compatibility_mode";
  context_.audit.write(line);
  return Entry::accept;
}

/// Those who have an identity now, were shown out, or left.
void Door::forget_strangers_gone() {
  std::erase_if(strangers_, [this](const Stranger& stranger) {
    const Connection* const connection = context_.connections.find(stranger.handle);
    return connection == nullptr || connection->serial != stranger.serial ||
           connection->standing != Standing::stranger || connection->departed;
  });
}

/// The oldest stranger of the address that has opened nothing goes out first.
bool Door::make_room_for_stranger(std::string_view address) {
  forget_strangers_gone();
  Connection* oldest = nullptr;
  unsigned count = 0;
  for (const Stranger& stranger : strangers_) {
    Connection& connection = *context_.connections.find(stranger.handle);
    if (connection.address == address) {
      ++count;
      oldest = oldest == nullptr && !connection.opened_first ? &connection : oldest;
    }
  }
  if (count < context_.settings->connections.strangers_per_address) {
    return true;
  }
  if (oldest == nullptr) {
    return false;
  }
  context_.connections.kick_later(*oldest, false);
  oldest->standing = Standing::intruder;  // it is on its way out: no rights, and not counted again
  return true;
}

Entry Door::judge_resume(const Knock& knock, Principal& principal, Millis now) {
  LiveSession* session = nullptr;
  std::uint32_t n = 0;
  const Refusal why = verify_resume(knock, principal, now, session, n);
  if (why != Refusal::none) {
    context_.addresses.offend(knock.address, now);
    return refuse(knock, why, now);
  }

  // the proof holds: it is spent from here on
  session->resume_n = n;
  ++context_.metrics.resumes;
  context_.connections.supersede(knock.client_id, knock.handle);
  Connection& connection =
      context_.connections.admit(knock.handle, knock.client_id, knock.address, now);
  connection.standing = Standing::proven;
  connection.identity = principal.identity;
  connection.username = principal.identity;
  connection.kid = session->kid;
  connection.resume_n = n;
  connection.proof = proof_of(knock.password);
  AuditLine line = line_of("resume", &connection, &principal, now);
  line.verdict = "accept";
  line.kid = session->kid;
  context_.audit.write(line);
  return Entry::accept;
}

Refusal Door::verify_resume(const Knock& knock, Principal& principal, Millis now,
                            LiveSession*& session, std::uint32_t& n) {
  if (!is_addressable(knock.client_id) || text_or_empty(knock.username) != principal.identity ||
      !owns_client_id(principal.identity, knock.client_id)) {
    return Refusal::denied;
  }
  if (const Refusal why = standing(principal, now); why != Refusal::none) {
    return why;
  }
  const auto proof = parse_resume_proof(text_or_empty(knock.password));
  if (!proof) {
    return proof.why();
  }
  session = static_cast<LiveSession*>(principal.find(proof->kid));
  if (session == nullptr) {
    return Refusal::unknown_kid;
  }
  const Refusal why = verify_resume_proof(context_.crypto, session->sk, *proof, knock.client_id);
  if (why != Refusal::none) {
    return why;
  }
  n = proof->n;
  if (session->over) {
    return Refusal::expired;
  }
  return n > session->resume_n ? Refusal::none : Refusal::replayed;
}

/// Whoever shakes hands, or has shown a password, keeps the client id that it uses.
bool Door::is_anothers(std::string_view client_id, std::string_view identity) const {
  const Connection* const holder = context_.connections.live(client_id);
  return holder != nullptr &&
         (holder->standing == Standing::stranger ||
          (holder->standing == Standing::proven && holder->identity != identity));
}

Entry Door::judge_foreigner(const Knock& knock, Millis now) {
  const std::string_view username = text_or_empty(knock.username);
  if (context_.registry.find(username) != nullptr) {
    return refuse(knock, Refusal::denied, now);
  }
  if (is_anothers(text_or_empty(knock.client_id), {})) {
    return refuse(knock, Refusal::denied, now);
  }
  context_.connections.supersede(text_or_empty(knock.client_id), knock.handle);
  Connection& connection = context_.connections.admit(
      knock.handle, std::string{text_or_empty(knock.client_id)}, knock.address, now);
  connection.username = username;
  return Entry::others_decide;
}

Entry Door::refuse(const Knock& knock, Refusal why, Millis now) {
  AuditLine line;
  line.at = now;
  line.event = "connect";
  line.verdict = "refuse";
  line.why = why;
  line.identity = owner_of(text_or_empty(knock.client_id));
  line.client = text_or_empty(knock.client_id);
  line.address = text_or_empty(knock.address);
  context_.metrics.refuse(why);
  context_.audit.write(line);
  return Entry::refuse;
}

void Door::tick(Millis now) {
  const Millis patience = context_.settings->connections.stranger_time;
  context_.connections.for_each([&](Connection& connection) {
    const bool slow =
        connection.standing == Standing::stranger && now - connection.since > patience;
    if (slow || connection.standing == Standing::intruder) {
      context_.connections.kick_later(connection, false);
    }
  });
}

}  // namespace countersign::engine
