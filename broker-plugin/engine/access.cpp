#include "engine/access.hpp"

#include "countersign/will.hpp"
#include "engine/arrivals.hpp"
#include "engine/topics.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {

Access AccessControl::judge(const AccessRequest& request, Millis now) {
  if (request.address == nullptr && context_.connections.find(request.handle) == nullptr) {
    // the source of a retained message is asked about: it was judged when it was published
    return Access::others_decide;
  }
  Connection& connection = meet(context_, request.handle, request.client_id, request.address, now);
  if (connection.standing == Standing::intruder) {
    return Access::deny;
  }
  switch (request.wish) {
    case Wish::read:
      return context_.settings->rules.may_read(party_of(connection, now),
                                               context_.settings->without_prefix(request.topic))
                 ? Access::others_decide
                 : Access::deny;
    case Wish::write:
      connection.footprint.prefetch();
      return judge_write(connection, request, now);
    case Wish::subscribe:
      return judge_subscribe(connection, request, now);
    case Wish::unsubscribe:
      return Access::others_decide;
  }
  return Access::deny;
}

config::Party AccessControl::party_of(const Connection& connection, Millis now) const {
  config::Party party;
  const Principal* const principal =
      connection.identity.empty() ? nullptr : context_.registry.find(connection.identity);
  if (principal != nullptr && standing(*principal, now) == Refusal::none) {
    party.identity = principal->identity;
    party.kind = principal->kind;
    party.level = principal->reputation.level;
    party.roles = context_.registry.roles_of(*principal);
  }
  return party;
}

bool AccessControl::is_will(const Connection& connection) const {
  return stopping_ || connection.departed || connection.superseded || connection.unannounced;
}

Access AccessControl::judge_write(Connection& connection, const AccessRequest& request,
                                  Millis now) {
  const std::string_view topic = context_.settings->without_prefix(request.topic);
  const bool will = is_will(connection);
  if (topic == kAuthTopic && !will) {
    const bool may =
        connection.standing != Standing::foreign || relay_of(context_, connection) != nullptr;
    return may ? Access::allow : deny(request, connection, Refusal::denied, now, "publish");
  }
  if (topic == kAdminTopic && !will && connection.standing == Standing::proven) {
    return Access::allow;
  }
  if (connection.standing == Standing::stranger || config::is_reserved(topic)) {
    return deny(request, connection, Refusal::denied, now, will ? "will" : "publish");
  }
  std::string_view bound;
  const config::TopicRule& rule = context_.settings->rules.find(topic, bound);
  if (rule.rule.mode == Mode::off &&
      !context_.settings->rules.may_publish(rule, party_of(connection, now), bound)) {
    // nobody judges these messages, so this is the only place that can
    return deny(request, connection, Refusal::denied, now, will ? "will" : "publish");
  }
  if (rule.rule.mode != Mode::enforce || !will) {
    // what is no will is judged as a message
    return Access::others_decide;
  }
  return judge_will(connection, request, now);
}

/// Takes the connection's commitment, if this is the will that it speaks of.
bool AccessControl::is_committed(Connection& connection, const AccessRequest& request,
                                 std::string_view topic) const {
  if (!connection.will) {
    return false;
  }
  Will will;
  will.client_id = connection.client_id;
  will.context.topic = bytes_of(topic);
  will.payload = request.payload;
  will.qos = request.qos;
  will.retain = request.retain;
  Digest digest;
  const bool committed = will_digest(context_.crypto, will, digest) &&
                         same_tag(digest, connection.will->digest) &&
                         connection.will->n == connection.resume_n;
  if (committed) {
    // used once, whatever the rule says of it
    connection.will.reset();
  }
  return committed;
}

Access AccessControl::judge_will(Connection& connection, const AccessRequest& request, Millis now) {
  const std::string_view topic = context_.settings->without_prefix(request.topic);
  std::string_view bound;
  const config::TopicRule& rule = context_.settings->rules.find(topic, bound);
  const Principal* const principal = context_.registry.find(connection.identity);
  // a compatibility device can commit to nothing, and nobody would flag its will: it has none here
  if (principal == nullptr || standing(*principal, now) != Refusal::none ||
      !is_committed(connection, request, topic)) {
    return deny(request, connection, Refusal::will, now, "will");
  }
  const bool permitted =
      rule.rule.wills && !rule.rule.card_required &&
      principal->reputation.level >= rule.rule.least_level &&
      (!request.retain || rule.rule.retained) &&
      context_.settings->rules.may_publish(rule, party_of(connection, now), bound);
  if (!permitted) {
    return deny(request, connection, Refusal::denied, now, "will");
  }
  AuditLine line = line_of("will", &connection, principal, now);
  line.verdict = "accept";
  line.topic = topic;
  context_.audit.write(line);
  return Access::others_decide;
}

Access AccessControl::judge_subscribe(const Connection& connection, const AccessRequest& request,
                                      Millis now) {
  const std::string_view filter = context_.settings->without_prefix(request.topic);
  if (connection.standing == Standing::stranger || config::is_reserved(filter) ||
      !context_.settings->rules.may_subscribe(party_of(connection, now), filter)) {
    return deny(request, connection, Refusal::denied, now, "subscribe");
  }
  return Access::others_decide;
}

Access AccessControl::deny(const AccessRequest& request, const Connection& connection, Refusal why,
                           Millis now, std::string_view event) {
  context_.metrics.refuse(why);
  const Principal* const principal =
      connection.identity.empty() ? nullptr : context_.registry.find(connection.identity);
  AuditLine line = line_of(event, &connection, principal, now);
  line.verdict = "refuse";
  line.why = why;
  line.topic = request.topic;
  context_.audit.write(line);
  return Access::deny;
}

}  // namespace countersign::engine
