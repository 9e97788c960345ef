#include "engine/publishes.hpp"

#include <algorithm>
#include <utility>

#include "countersign/base64url.hpp"
#include "engine/arrivals.hpp"
#include "engine/topics.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr std::size_t kMaxSignedPropsBytes = kMaxPropsBytes + 16;

config::Party party_of(const Context& context, const Principal& principal) {
  config::Party party;
  party.identity = principal.identity;
  party.kind = principal.kind;
  party.level = principal.reputation.level;
  party.roles = context.registry.roles_of(principal);
  return party;
}

/// Answers one resend for each message: a plugin sees no packet id, so a resend cannot be told from
/// a replay under another one, which the broker would deliver again.
bool resent_here(Connection& connection, const Verdict& verdict, const Rule& rule,
                 std::uint8_t qos) {
  if (qos != 2 || !rule.qos2 || verdict.why != Refusal::duplicate) {
    return false;
  }
  auto* const seq =
      std::find(connection.qos2_seqs.begin(), connection.qos2_seqs.end(), verdict.header.seq + 1);
  return seq != connection.qos2_seqs.end() && std::exchange(*seq, 0U) != 0;
}

void remember_qos2(Connection& connection, std::uint32_t seq) {
  connection.qos2_seqs[connection.qos2_next] = seq + 1;  // 0 stands for none
  connection.qos2_next =
      static_cast<std::uint8_t>((connection.qos2_next + 1U) % connection.qos2_seqs.size());
}

}  // namespace

Handling Publishes::take(const Incoming& incoming, Millis now) {
  const std::string_view topic = context_.settings->without_prefix(incoming.topic);
  std::string_view bound;
  const config::TopicRule& rule = context_.settings->rules.find(topic, bound);
  Handling untouched;
  untouched.act = Handling::Act::untouched;
  if (rule.rule.mode == Mode::off) {
    ++context_.metrics.untouched;
    return untouched;
  }
  Connection& connection =
      meet(context_, incoming.handle, incoming.client_id, incoming.address, now);
  Principal* const principal = sender_of(connection, bound);
  Publish publish;
  publish.context.topic = bytes_of(topic);
  publish.payload = incoming.payload;
  publish.qos = incoming.qos;
  publish.retain = incoming.retain;
  publish.permitted = principal != nullptr && context_.settings->rules.may_publish(
                                                  rule, party_of(context_, *principal), bound);
  publish.sender = principal == nullptr ? std::string_view{} : principal->identity;
  publish.footprint = &connection.footprint;
  connection.footprint.clear();
  if (incoming.client_id != nullptr) {
    connection.footprint.note(*incoming.client_id);  // the broker copies it next
  }
  Verdict verdict;
  verdict.why = Refusal::malformed;
  if (read_message(incoming, publish)) {
    verdict = judge_publish(connection, rule.rule, principal, publish, now);
  }
  if (principal != nullptr) {
    note_receipt(*principal, connection, rule.rule, verdict);
    draw(*principal, connection, verdict, now);
  }
  const Handling handling = handle(connection, principal, rule, incoming, topic, verdict, now);
  const bool accepted = verdict.why == Refusal::none && verdict.proven && verdict.deliver;
  if (rule.fleet && accepted && principal != nullptr) {
    tell_fleet(connection, *principal, topic, verdict, now);
  }
  return handling;
}

/// An agent speaks for its own readers, over its own connection.
void Publishes::tell_fleet(const Connection& connection, const Principal& sender,
                           std::string_view topic, const Verdict& verdict, Millis now) {
  if (sender.kind == Kind::agent && connection.identity == sender.identity &&
      is_fleet_topic(topic, sender.identity)) {
    fleet_.take_event(connection, text_of(verdict.payload), now);
  }
}

/// What a compatibility device says counts on its own connection alone: it signs nothing.
Verdict Publishes::judge_publish(const Connection& connection, const Rule& rule,
                                 Principal* principal, const Publish& publish, Millis now) {
  const bool compatible = principal != nullptr && principal->method() == Method::password &&
                          principal->identity == connection.identity;
  return compatible ? judge_compatible(rule, *principal, publish, now)
                    : judge(context_.crypto, context_.settings->limits, rule, principal, publish,
                            now, plain_);
}

/// Whose message this can be: the connection's own, or for a relay what stands at `%d`.
Principal* Publishes::sender_of(Connection& connection, std::string_view bound) const {
  const config::Relay* const relay = relay_of(context_, connection);
  if (relay != nullptr && !bound.empty() && bound != connection.identity) {
    return relay->may_carry(bound) ? context_.registry.find(bound) : nullptr;
  }
  return connection.identity.empty()
             ? nullptr
             : context_.registry.find(connection.identity, connection.found);
}

/// Brings the signed properties and the readable form into shape.
/// \returns false for what is `malformed`.
bool Publishes::read_message(const Incoming& incoming, Publish& publish) {
  if (incoming.speaks_for_us || incoming.cs1_count > 1) {
    return false;
  }
  props_.resize(kMaxSignedPropsBytes);
  Writer props{props_};
  incoming.properties.write(props);
  if (!props.ok() || props.written().size() > kMaxPropsBytes) {
    return false;
  }
  publish.context.props = props.written();
  if (plain_.size() < incoming.payload.size()) {
    plain_.resize(incoming.payload.size());
  }
  publish.has_property = incoming.cs1_count == 1;
  return !publish.has_property || decode_base64url(incoming.cs1, property_, publish.property);
}

void Publishes::draw(Principal& principal, Connection& connection, const Verdict& verdict,
                     Millis now) {
  if (!verdict.proven) {
    return;
  }
  auto& session = *static_cast<LiveSession*>(verdict.session);
  if (session.replaces != 0 && !session.over) {
    sessions_.first_message(principal, session, &connection, now);
  }
  if (verdict.deliver) {
    ++context_.metrics.accepted;
  }
  if (verdict.rescored) {
    context_.commits.note({principal.identity, principal.reputation});
  }
  inspector_.draw(principal, verdict, now);
}

/// Of data alone: what a new session asks before it sends any leaves the receipt of the old one.
void Publishes::note_receipt(Principal& principal, Connection& connection, const Rule& rule,
                             const Verdict& verdict) {
  if (!verdict.proven || !verdict.deliver) {
    return;
  }
  auto& session = *static_cast<LiveSession*>(verdict.session);
  connection.footprint.note(principal);
  connection.footprint.note(session);
  connection.footprint.note(*principal.activity);
  principal.active().last_receipt = {session.kid, session.accepted};
  if (rule.receipts != 0 && session.messages % rule.receipts == 0) {
    postman_.receipt(connection, session, principal.active().last_receipt);
  }
}

Handling Publishes::handle(Connection& connection, Principal* principal,
                           const config::TopicRule& rule, const Incoming& incoming,
                           std::string_view topic, const Verdict& verdict, Millis now) {
  if (rule.rule.mode == Mode::observe && !verdict.deliver) {
    return observe(connection, principal, topic, verdict, now);
  }
  if (rule.rule.mode == Mode::observe && !verdict.proven && verdict.why == Refusal::none) {
    // a compatibility device's, which enforcing would take
    Handling as_sent;
    as_sent.act = Handling::Act::untouched;
    return as_sent;
  }
  if (resent_here(connection, verdict, rule.rule, incoming.qos)) {
    // the broker knows the packet id and will not deliver it again
    return delivery(principal, verdict);
  }
  if (verdict.why != Refusal::none) {
    context_.metrics.refuse(verdict.why);
    audit(connection, principal, topic, verdict, verdict.deliver ? "accept" : "refuse", now);
    tell(connection, principal, verdict, now);
    if (relay_of(context_, connection) == nullptr) {
      count_against(context_, connection, verdict.why, now);
    }
  } else if (context_.settings->audit.all) {
    audit(connection, principal, topic, verdict, "accept", now);
  }
  if (verdict.deliver && verdict.proven && incoming.qos == 2) {
    remember_qos2(connection, verdict.header.seq);
  }
  return verdict.deliver ? delivery(principal, verdict) : Handling{};
}

/// Only counts what enforcing would refuse; what is sealed and does not open is of no use to
/// anybody.
Handling Publishes::observe(Connection& connection, Principal* principal, std::string_view topic,
                            const Verdict& verdict, Millis now) {
  audit(connection, principal, topic, verdict, "observe", now);
  ++context_.metrics.observed;
  if (verdict.proven) {
    return delivery(principal, verdict);
  }
  Handling handling;
  handling.act = verdict.header.sealed() ? Handling::Act::refuse : Handling::Act::untouched;
  return handling;
}

Handling Publishes::delivery(const Principal* principal, const Verdict& verdict) const {
  Handling handling;
  if (principal == nullptr) {
    return handling;  // nobody's message is delivered
  }
  handling.act = Handling::Act::replace;
  handling.payload = verdict.payload;
  handling.identity = principal->identity;
  handling.reputation = principal->reputation;
  handling.on_card = verdict.header.on_card();
  return handling;
}

void Publishes::tell(Connection& connection, Principal* principal, const Verdict& verdict,
                     Millis now) {
  const Notice notice{.why = verdict.why, .seq = verdict.header.seq};
  if (verdict.proven) {
    postman_.notice(connection, *static_cast<LiveSession*>(verdict.session), notice, now);
  } else if (verdict.why == Refusal::unknown_kid) {
    postman_.hint(connection, notice, now);
  }
  const bool demanded =
      verdict.proven && principal != nullptr && principal->enforcement_deadline != 0;
  if (demanded && (verdict.enforce || verdict.why == Refusal::enforcement) &&
      principal->method() == Method::mfar) {
    auth_serv_.challenge(connection, *principal, *static_cast<LiveSession*>(verdict.session), now);
  }
}

void Publishes::audit(const Connection& connection, const Principal* principal,
                      std::string_view topic, const Verdict& verdict, std::string_view word,
                      Millis now) {
  AuditLine line = line_of("publish", &connection, principal, now);
  line.verdict = word;
  line.why = verdict.why;
  line.kid = verdict.header.kid;
  line.seq = verdict.header.kid == 0 ? -1 : static_cast<std::int32_t>(verdict.header.seq);
  line.topic = topic;
  line.relay = carrier_of(context_, connection);
  line.detail = verdict.objector;
  context_.audit.write(line);
}

Verdict Publishes::take_control(Connection& connection, std::string_view relayed,
                                std::string_view topic, ByteView payload, const Rule& rule,
                                std::uint8_t qos, Millis now) {
  Principal* const principal =
      context_.registry.find(relayed.empty() ? std::string_view{connection.identity} : relayed);
  if (plain_.size() < payload.size()) {
    plain_.resize(payload.size());
  }
  Publish publish;
  publish.context.topic = bytes_of(topic);
  publish.payload = payload;
  publish.qos = qos;
  publish.permitted = true;
  const Verdict verdict =
      judge(context_.crypto, context_.settings->limits, rule, principal, publish, now, plain_);
  if (principal != nullptr) {
    draw(*principal, connection, verdict, now);
  }
  if (verdict.why != Refusal::none) {
    context_.metrics.refuse(verdict.why);
    audit(connection, principal, topic, verdict, "refuse", now);
    tell(connection, principal, verdict, now);
    if (relayed.empty()) {
      count_against(context_, connection, verdict.why, now);
    }
  }
  return verdict;
}

}  // namespace countersign::engine
