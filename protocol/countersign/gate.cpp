#include "countersign/gate.hpp"

#include "countersign/keys.hpp"

namespace countersign {
namespace {

Verdict refuse(Refusal why, const Header& header = {}) {
  Verdict verdict;
  verdict.why = why;
  verdict.header = header;
  return verdict;
}

/// Checks the tag and finds what the subscribers would get.
Refusal prove(const Crypto& crypto, const Sender& sender, const Session& session,
              const Envelope& claim, const MessageContext& context, MutableBytes plain,
              ByteView& payload) {
  payload = claim.body;
  if (claim.header.on_card()) {
    Key32 bind;
    if (sender.card_key == nullptr) {
      return Refusal::bad_tag;
    }
    return expand(crypto, session.sk.bytes(), "card bind", {}, bind)
               ? verify_on_card(crypto, *sender.card_key, bind, claim, context)
               : Refusal::internal;
  }
  if (claim.header.sealed()) {
    if (plain.size() < claim.body.size()) {
      return Refusal::internal;
    }
    payload = plain.first(claim.body.size());
    return open_envelope(crypto, session.up, claim, context, plain.first(claim.body.size()));
  }
  return session.up_mac != nullptr ? verify(*session.up_mac, claim, context) : Refusal::internal;
}

bool lasted(const Session& session, const Limits& limits, Millis now) {
  return session.over || now - session.created >= limits.max_age ||
         session.sealed_messages > limits.max_sealed;
}

bool enforcement_due(const Session& session, const Limits& limits, Millis now) {
  // asked for early enough that it can end before the session does
  const Millis last_moment = limits.max_age - limits.enforcement_time;
  const Millis after = limits.enforce_after < last_moment ? limits.enforce_after : last_moment;
  return session.messages >= limits.enforce_after_messages || now - session.created >= after;
}

/// The rule, in the order of its refusals.
Refusal apply(const Rule& rule, const Sender& sender, const Header& header,
              const Publish& publish) {
  if (!publish.permitted || sender.reputation.level < rule.least_level ||
      (header.short_tag() && !rule.short_tags)) {
    return Refusal::denied;
  }
  if (rule.sealed && !header.sealed()) {
    return Refusal::not_sealed;
  }
  if (rule.card_required && !header.on_card()) {
    return Refusal::card_required;
  }
  if (publish.qos == 2 && !rule.qos2) {
    return Refusal::qos2;
  }
  if (header.retain_intent() != publish.retain || (publish.retain && !rule.retained)) {
    return Refusal::retain;
  }
  return Refusal::none;
}

/// The card's own counter: rising, whatever the sequence number does (docs/protocol.md, section 9).
Refusal spend_card_counter(Sender& sender, const Header& header) {
  if (!header.on_card()) {
    return Refusal::none;
  }
  if (header.card_counter <= sender.card_counter) {
    return Refusal::stale;
  }
  sender.card_counter = header.card_counter;
  return Refusal::none;
}

/// All that may refuse a message which is certainly the sender's.
Refusal admit(const Limits& limits, const Rule& rule, Sender& sender, Session& session,
              const Header& header, const Publish& publish, Millis now, bool& enforce) {
  if (const Refusal why = spend_card_counter(sender, header); why != Refusal::none) {
    return why;
  }
  if (const Refusal why = standing(sender, now); why != Refusal::none) {
    return why;
  }
  if (lasted(session, limits, now)) {
    return Refusal::expired;
  }
  if (rule.proves) {
    return apply(rule, sender, header, publish);
  }
  // an observed rule only counts: it demands nothing
  enforce = rule.mode == Mode::enforce && sender.enforcement_deadline == 0 &&
            enforcement_due(session, limits, now);
  if (enforce || sender.enforcement_deadline != 0) {
    return Refusal::enforcement;
  }
  return apply(rule, sender, header, publish);
}

/// [MFA_R: DataServ, AuthInspector] An observed rule only counts: nobody is demoted by it.
Refusal evaluate(const Rule& rule, Sender& sender, const Publish& publish, Millis now,
                 Verdict& verdict) {
  if (rule.evaluator == nullptr) {
    return Refusal::none;
  }
  const Evaluation evaluation = rule.evaluator->evaluate(
      {publish.sender, verdict.payload, now, true, &sender.place, publish.footprint});
  if (evaluation.finding == Finding::none) {
    return Refusal::none;
  }
  const bool in_range = evaluation.finding == Finding::in_range;
  verdict.objector = evaluation.objector;
  if (rule.mode == Mode::enforce) {
    const Reputation before = sender.reputation;
    verdict.change =
        observe(sender.reputation, in_range ? Observation::in_range : Observation::out_of_range);
    verdict.rescored = sender.reputation != before;
  }
  verdict.enforce = verdict.change == Change::fell;
  return in_range ? Refusal::none : Refusal::out_of_range;
}

}  // namespace

Verdict judge(const Crypto& crypto, const Limits& limits, const Rule& rule, Sender* sender,
              const Publish& publish, Millis now, MutableBytes plain) {
  const auto claim = publish.has_property ? parse_property(publish.property, publish.payload)
                                          : parse_envelope(publish.payload);
  if (!claim) {
    return refuse(claim.why());
  }
  if (sender == nullptr) {
    return refuse(Refusal::unknown_sender, claim->header);
  }
  Session* const session = sender->find(claim->header.kid);
  if (session == nullptr) {
    return refuse(Refusal::unknown_kid, claim->header);
  }
  Verdict verdict;
  verdict.header = claim->header;
  verdict.why = prove(crypto, *sender, *session, *claim, publish.context, plain, verdict.payload);
  if (verdict.why != Refusal::none) {
    return refuse(verdict.why, claim->header);
  }

  // the message is the sender's: nothing above this line may change state
  verdict.proven = true;
  verdict.session = session;
  const std::uint32_t seq = claim->header.seq;
  verdict.why = session->window.spend(seq);
  if (verdict.why == Refusal::replayed) {
    verdict.why = session->outcomes.answer(seq, session->window.newest(), claim->tag);
    verdict.retransmission = verdict.why != Refusal::forked && verdict.why != Refusal::replayed;
  }
  if (verdict.why != Refusal::none) {
    return verdict;
  }
  session->sealed_messages += claim->header.sealed() ? 1U : 0U;
  verdict.why =
      admit(limits, rule, *sender, *session, claim->header, publish, now, verdict.enforce);
  if (verdict.why == Refusal::none) {
    verdict.why = evaluate(rule, *sender, publish, now, verdict);
  }
  verdict.deliver = verdict.why == Refusal::none ||
                    (verdict.why == Refusal::out_of_range && rule.deliver_out_of_range);
  if (verdict.deliver) {
    ++session->messages;
    session->accepted.add(seq);
  }
  session->outcomes.record(seq, session->window.newest(), claim->tag,
                           verdict.deliver ? Refusal::none : verdict.why);
  return verdict;
}

Verdict judge_compatible(const Rule& rule, const Sender& sender, const Publish& publish,
                         Millis now) {
  Verdict verdict;
  verdict.payload = publish.payload;
  verdict.header.flags = publish.retain ? kRetainIntent : std::uint8_t{0};
  verdict.why = standing(sender, now);
  if (verdict.why == Refusal::none) {
    verdict.why =
        publish.has_property ? Refusal::malformed : apply(rule, sender, verdict.header, publish);
  }
  if (verdict.why == Refusal::none && rule.evaluator != nullptr) {
    const Evaluation evaluation =
        rule.evaluator->evaluate({publish.sender, publish.payload, now, false});
    const bool in_range = evaluation.finding != Finding::out_of_range;
    verdict.objector = evaluation.objector;
    verdict.why = in_range ? Refusal::none : Refusal::out_of_range;
  }
  verdict.deliver = verdict.why == Refusal::none ||
                    (verdict.why == Refusal::out_of_range && rule.deliver_out_of_range);
  return verdict;
}

}  // namespace countersign
