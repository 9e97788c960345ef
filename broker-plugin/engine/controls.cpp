#include "engine/controls.hpp"

#include <string>

#include "countersign/rekey.hpp"
#include "countersign/will.hpp"
#include "engine/topics.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr std::uint8_t kRelayMark = 0x60;

/// Our own topics are judged like any other, but any level may use them.
constexpr Rule control_rule() {
  Rule rule;
  rule.least_level = Level::auth0;
  rule.qos2 = true;
  rule.proves = true;
  return rule;
}

constexpr Rule admin_rule() {
  Rule rule = control_rule();
  rule.proves = false;
  rule.sealed = true;
  return rule;
}

std::uint8_t mark_of(ByteView bytes) {
  return bytes.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(bytes[0]);
}

}  // namespace

void Controls::take_auth(Connection& connection, ByteView payload, std::uint8_t qos, Millis now) {
  if (mark_of(payload) == kRelayMark) {
    take_relayed(connection, payload, qos, now);
    return;
  }
  take_for(connection, {}, payload, qos, now);
}

void Controls::take_relayed(Connection& connection, ByteView payload, std::uint8_t qos,
                            Millis now) {
  Reader in{payload};
  in.take(1);
  const std::string_view identity = text_of(in.s8());
  const ByteView inner = in.rest();
  const config::Relay* const relay = relay_of(context_, connection);
  if (!in.ok() || !is_identity(identity) || relay == nullptr || !relay->may_carry(identity)) {
    audit_refusal(context_, "handshake", Refusal::denied, &connection, nullptr, now, identity);
    return;
  }
  take_for(connection, identity, inner, qos, now);
}

void Controls::take_for(Connection& connection, std::string_view relayed, ByteView payload,
                        std::uint8_t qos, Millis now) {
  if (looks_signed(payload)) {
    take_envelope(connection, relayed, payload, qos, now);
    return;
  }
  desk_.take({connection, relayed, payload}, now);
}

void Controls::take_envelope(Connection& connection, std::string_view relayed, ByteView payload,
                             std::uint8_t qos, Millis now) {
  const Verdict verdict =
      publishes_.take_control(connection, relayed, kAuthTopic, payload, control_rule(), qos, now);
  if (verdict.why != Refusal::none) {
    return;
  }
  auto& session = *static_cast<LiveSession*>(verdict.session);
  switch (mark_of(verdict.payload)) {
    case kWillMark:
      commit_will(connection, session, verdict.payload, now);
      return;
    case kReceiptRequestMark:
      give_receipt(connection, relayed.empty() ? std::string_view{connection.identity} : relayed,
                   session, verdict.payload, now);
      return;
    case kRekeyMark:
      take_rekey(connection, relayed.empty() ? std::string_view{connection.identity} : relayed,
                 session, verdict.payload, now);
      return;
    case kAnswerMark:
      take_answer(connection, relayed, session, verdict.payload, now);
      return;
    case kCardReportMark:
      if (take_report(connection, relayed, verdict.payload, now)) {
        return;
      }
      break;
    default:
      break;
  }
  audit_refusal(context_, "control", Refusal::malformed, &connection, nullptr, now);
  // what a relay brings is not its own doing
  if (relayed.empty()) {
    count_against(context_, connection, Refusal::malformed, now);
  }
}

/// Agents report for themselves; nobody else says anything of cards.
bool Controls::take_report(const Connection& connection, std::string_view relayed, ByteView payload,
                           Millis now) {
  const Principal* const agent =
      relayed.empty() ? context_.registry.find(connection.identity) : nullptr;
  return agent != nullptr && agent->kind == Kind::agent &&
         fleet_.take_report(connection, payload, now);
}

/// What enforcement asked: only what opens as the device's own can cost it the session.
void Controls::take_answer(Connection& connection, std::string_view relayed, LiveSession& session,
                           ByteView payload, Millis now) {
  Principal* const principal =
      context_.registry.find(relayed.empty() ? std::string_view{connection.identity} : relayed);
  if (principal != nullptr) {
    auth_serv_.take_enforced({connection, relayed, payload}, *principal, session, now);
  }
}

void Controls::take_rekey(Connection& connection, std::string_view identity, LiveSession& session,
                          ByteView payload, Millis now) {
  Principal* const principal = context_.registry.find(identity);
  const Refusal why = principal == nullptr ? Refusal::unknown_sender
                                           : rekeys_.take(connection, *principal, session, payload);
  if (why != Refusal::none) {
    audit_refusal(context_, "rekey", why, &connection, principal, now);
  }
}

/// One for each connection; the latest wins.
void Controls::commit_will(Connection& connection, const LiveSession& session, ByteView payload,
                           Millis now) {
  const auto commitment = parse_will_commitment(payload);
  if (!commitment || commitment->n != connection.resume_n || session.kid != connection.kid) {
    audit_refusal(context_, "will", Refusal::will, &connection, nullptr, now);
    return;
  }
  connection.will = *commitment;
  connection.will_kid = session.kid;
}

void Controls::give_receipt(Connection& connection, std::string_view identity, LiveSession& session,
                            ByteView payload, Millis now) {
  const auto kid = parse_receipt_request(payload);
  Principal* const principal = context_.registry.find(identity);
  if (!kid || principal == nullptr) {
    audit_refusal(context_, "control", Refusal::malformed, &connection, principal, now);
    return;
  }
  Receipt receipt{.kid = *kid, .accepted = {}};
  if (auto* const named = static_cast<LiveSession*>(principal->find(*kid)); named != nullptr) {
    // naming an older session closes it, so that its receipt is final
    if (named != &session && named->kid != session.kid && principal->kind == Kind::device) {
      sessions_.end(*principal, *named, false, now);
    }
    receipt.accepted = named->accepted;
  } else if (principal->active().last_receipt.kid == *kid) {
    receipt = principal->active().last_receipt;
  }
  postman_.receipt(connection, session, receipt);
}

void Controls::take_admin(Connection& connection, ByteView payload, std::uint8_t qos, Millis now) {
  const Verdict verdict =
      publishes_.take_control(connection, {}, kAdminTopic, payload, admin_rule(), qos, now);
  if (verdict.why != Refusal::none) {
    return;
  }
  auto& session = *static_cast<LiveSession*>(verdict.session);
  admin_.take(connection, session, text_of(verdict.payload), now);
  publishes_.forget_plain();  // it may hold a device's k
}

}  // namespace countersign::engine
