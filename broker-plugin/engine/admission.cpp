#include "engine/admission.hpp"

#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr Millis kSecond = 1000;

}  // namespace

Receipt last_receipt(const Principal& principal) {
  return principal.activity ? principal.activity->last_receipt : Receipt{};
}

bool Admission::within_rate(const HandshakeMessage& message, Millis now) {
  Rate& rate = rates_[{message.connection.serial, std::string{message.relayed}}];
  if (now - rate.since >= kSecond || now < rate.since) {
    rate = {now, 0};
  }
  return ++rate.count <= context_.settings->connections.handshakes_per_second;
}

void Admission::tick(Millis now) {
  std::erase_if(rates_, [now](const auto& entry) { return now - entry.second.since >= kSecond; });
}

bool Admission::is_anothers(const HandshakeMessage& message, std::string_view identity) {
  return message.relayed.empty() && message.connection.standing == Standing::proven &&
         message.connection.identity != identity;
}

bool Admission::allows(const Principal& principal, Suite suite) const {
  const auto number = static_cast<std::uint8_t>(suite);
  const bool by_identity = principal.suites == 0 || (principal.suites >> (number - 1) & 1U) != 0;
  return by_identity && context_.settings->suites.allows(principal.kind, number);
}

std::optional<Suite> Admission::suite_of(const Principal& principal) const {
  for (const Suite suite : {Suite::x25519, Suite::symmetric}) {
    if (allows(principal, suite)) {
      return suite;
    }
  }
  return std::nullopt;
}

bool Admission::admit(const HandshakeMessage& message, Principal& principal,
                      const Agreement& agreement, Millis now) {
  // a kid may have been taken since it was offered
  if (is_anothers(message, principal.identity) || principal.find(agreement.kid) != nullptr) {
    return false;
  }
  inspector_.log_in(principal, now);
  if (sessions_.open(principal, agreement, now) == nullptr) {
    return false;
  }
  ++context_.metrics.handshakes;
  if (message.relayed.empty()) {
    raise(message.connection, principal, agreement.kid);
  }
  AuditLine line = line_of("handshake", &message.connection, &principal, now);
  line.verdict = "accept";
  line.kid = agreement.kid;
  context_.audit.write(line);
  return true;
}

void Admission::raise(Connection& connection, const Principal& principal, std::uint16_t kid) {
  const bool fresh = connection.standing != Standing::proven;
  connection.standing = Standing::proven;
  connection.identity = principal.identity;
  connection.kid = kid;
  if (fresh && context_.broker.set_username(connection.handle, principal.identity)) {
    connection.username = principal.identity;
  }
}

void Admission::refuse(const HandshakeMessage& message, std::string_view event, Refusal why,
                       Millis now, std::string_view detail) {
  audit_refusal(context_, event, why, &message.connection, nullptr, now, detail);
  // what a relay brings is not its own doing: the relay is only slowed down
  if (message.relayed.empty()) {
    count_against(context_, message.connection, why, now);
  }
}

}  // namespace countersign::engine
