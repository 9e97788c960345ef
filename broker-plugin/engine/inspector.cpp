#include "engine/inspector.hpp"

#include <algorithm>

#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr Millis kMinute = 60'000;
constexpr Millis kDay = Millis{24} * 60 * kMinute;
constexpr unsigned kMaxStrikes = 12;  // 2^11 minutes are more than a day

store::SetExpulsion standing_of(const Principal& principal) {
  return {principal.identity,
          principal.reputation,
          {principal.expelled_until, principal.strikes, principal.last_strike}};
}

std::string_view text_of(Change change) {
  switch (change) {
    case Change::raised:
      return "raised";
    case Change::fell:
      return "fell";
    case Change::expelled:
      return "expelled";
    case Change::none:
      break;
  }
  return {};
}

}  // namespace

Millis expulsion_time(unsigned strikes) {
  const unsigned doublings = std::min(strikes > 0 ? strikes - 1 : 0, kMaxStrikes);
  return std::min(kMinute << doublings, kDay);
}

void Inspector::draw(Principal& principal, const Verdict& verdict, Millis now) {
  if (verdict.header.on_card()) {
    context_.commits.submit(store::SetCardCounter{principal.identity, principal.card_counter});
  }
  // what a replaced session still brings says nothing of the one that has just proved itself
  const auto& session = *static_cast<const LiveSession*>(verdict.session);
  if (verdict.enforce && session.replaced_until == 0) {
    demand(principal, verdict.change == Change::fell, now);
  }
  if (verdict.change == Change::expelled) {
    expel(principal, now);
    return;
  }
  if (verdict.change != Change::none) {
    context_.commits.submit(standing_of(principal));
    level_changed(principal, text_of(verdict.change), now);
  }
}

void Inspector::demand(Principal& principal, bool fallen, Millis now) {
  principal.fallen = fallen;
  principal.enforcement_deadline = now + context_.settings->limits.enforcement_time;
  ++context_.metrics.enforcements;
  audit_fact(context_, "enforcement", nullptr, &principal, now, "demanded");
}

void Inspector::expel(Principal& principal, Millis now) {
  // one step is forgiven for each clean day; a clock that was set back forgives and adds nothing
  const Millis clean_days = std::max<Millis>(0, now - principal.last_strike) / kDay;
  const Millis kept = std::max<Millis>(0, principal.strikes - clean_days);
  principal.strikes = static_cast<std::uint8_t>(std::min<Millis>(kept + 1, kMaxStrikes + 1));
  principal.last_strike = now;
  principal.expelled_until = now + expulsion_time(principal.strikes);
  ++context_.metrics.expulsions;
  context_.commits.submit(standing_of(principal));
  level_changed(principal, text_of(Change::expelled), now);
  sessions_.end_all(principal, true, now);
  context_.dataserv.mute(principal.identity);
}

void Inspector::log_in(Principal& principal, Millis now) {
  if (principal.expelled_until != 0 && principal.expelled_until <= now) {
    principal.expelled_until = 0;
    principal.reputation.score = kInitialScore;
  }
  end_if_late(principal, now);
  const bool live = principal.has_live_session();
  const bool passed = live && principal.enforcement_deadline != 0;
  if (passed && principal.fallen) {
    renew(principal.reputation);
  } else if (passed || !live) {
    // passing by count or time keeps a bad score, unlike the paper: with a few bad messages between
    // two of them nobody would ever be expelled (formal/README.md)
    countersign::log_in(principal.reputation);
  }
  if (passed) {
    audit_fact(context_, "enforcement", nullptr, &principal, now, "passed");
  }
  principal.enforcement_deadline = 0;
  context_.commits.submit(standing_of(principal));
}

void Inspector::fail(Principal& principal, std::string_view detail, Millis now) {
  audit_refusal(context_, "enforcement", Refusal::bad_handshake, nullptr, &principal, now, detail);
  sessions_.end_all(principal, false, now);
}

void Inspector::reinstate(Principal& principal, Millis now) {
  principal.expelled_until = 0;
  principal.cloned = false;
  principal.reputation.score = initial_score(principal.kind);
  audit_fact(context_, "level", nullptr, &principal, now, "reinstated");
}

void Inspector::tick(Millis now) {
  for (Principal* const principal : sessions_.active()) {
    end_if_late(*principal, now);
  }
}

/// Enforcement that was not passed in time ends the session.
void Inspector::end_if_late(Principal& principal, Millis now) {
  if (principal.enforcement_deadline == 0 || now <= principal.enforcement_deadline) {
    return;
  }
  audit_refusal(context_, "enforcement", Refusal::enforcement, nullptr, &principal, now, "missed");
  sessions_.end_all(principal, false, now);
}

void Inspector::level_changed(const Principal& principal, std::string_view detail, Millis now) {
  audit_fact(context_, "level", nullptr, &principal, now, detail);
}

}  // namespace countersign::engine
