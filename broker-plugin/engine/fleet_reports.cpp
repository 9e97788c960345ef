#include <algorithm>

#include "engine/fleet.hpp"
#include "engine/hex.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr std::uint16_t kNoCard = 0x6A82;
constexpr std::uint16_t kWrongIssuer = 0x6982;
constexpr std::uint16_t kSpentCounter = 0x6A80;
constexpr Millis kNoteEvery = 60'000;  // seen again where it was

/// What stands in a report where no card proved anything.
bool is_empty(const Presence& presence) {
  return presence.life_cycle == LifeCycle::none && presence.admin_counter == 0 &&
         presence.proof == Tag{};
}

/// The states in which a card proves itself.
bool may_prove(LifeCycle state) {
  return state == LifeCycle::active || state == LifeCycle::deactivated;
}

std::string hex_of_status(std::uint16_t status) { return hex_of(be16(status)); }

}  // namespace

bool Fleet::take_report(const Connection& connection, ByteView payload, Millis now) {
  const auto report = parse_card_report(payload);
  if (!report) {
    return false;
  }
  const auto place = agents_.find(connection.identity);
  if (place == agents_.end()) {
    unproven(connection, *report, "nobody asked", now);
    return true;
  }
  expire(place->first, place->second, now);
  judge(connection, place->second, *report, now);
  return true;
}

/// A report names no challenge: it is about the one that its proof was made for, or without a right
/// proof about the oldest that is open for that card.
void Fleet::judge(const Connection& connection, Agent& agent, const CardReport& report,
                  Millis now) {
  Principal* const holder = context_.registry.holder_of(report.uid);
  auto& asked = agent.asked;
  const auto oldest = std::find_if(asked.begin(), asked.end(),
                                   [&](const Asked& one) { return one.uid == report.uid; });
  if (holder == nullptr || oldest == asked.end()) {
    unproven(connection, report, "nobody asked", now);
    return;
  }
  const auto proven = std::find_if(oldest, asked.end(), [&](const Asked& one) {
    return one.uid == report.uid && may_prove(report.presence.life_cycle) &&
           countersign::is_present(context_.crypto, holder->k, report.uid, one.challenge,
                                   report.presence);
  });
  const std::string& name = connection.identity;
  if (proven != asked.end()) {
    const Asked spent = *proven;
    asked.erase(proven);
    believe(connection, agent, *holder, report, spent, now);
    return;
  }
  if (!is_empty(report.presence)) {
    unproven(connection, report, "a wrong proof", now);
  } else if (report.status == kNoCard) {
    leave(name, agent, report.uid, "not there any more", now);
  }
  spend(name, agent, oldest, now);
}

/// The card itself says that it is there.
void Fleet::believe(const Connection& connection, Agent& agent, Principal& holder,
                    const CardReport& report, const Asked& asked, Millis now) {
  KnownCard& card = *holder.card();
  store::Sighting& sighting = card.sighting;
  const bool known = sighting.agent == connection.identity && sighting.reader == report.reader &&
                     agent.present.contains(report.uid);
  const bool changed = !known || sighting.life_cycle != report.presence.life_cycle ||
                       sighting.admin_counter != report.presence.admin_counter;
  if (const auto before = agents_.find(sighting.agent); before != agents_.end()) {
    before->second.present.erase(report.uid);
  }
  sighting.agent = connection.identity;
  sighting.host = agent.host;
  sighting.reader = report.reader;
  sighting.seen_at = now;
  sighting.life_cycle = report.presence.life_cycle;
  sighting.admin_counter = report.presence.admin_counter;
  agent.present.insert(report.uid);
  if (changed || now - card.noted_at >= kNoteEvery || now < card.noted_at) {
    note(holder);
  }
  if (!known) {
    audit_fact(context_, "card_here", &connection, &holder, now,
               hex_of(report.uid) + " " + std::string{name_of(sighting.life_cycle)} + " at " +
                   connection.identity + ", " + sighting.host + ", " + sighting.reader);
  }
  settle(connection, holder, report, asked, now);
  finish(report.uid, true, now);
}

/// Makes durable where the card was seen.
void Fleet::note(Principal& holder) {
  KnownCard& card = *holder.card();
  card.noted_at = card.sighting.seen_at;
  context_.commits.submit(store::SetSighting{holder.identity, card.uid, card.sighting});
}

/// An order is done when a proof says so. That the card refused it is the agent's word, taken only
/// beside a proof, and where the proof does not contradict it.
void Fleet::settle(const Connection& connection, Principal& holder, const CardReport& report,
                   const Asked& asked, Millis now) {
  store::Order& order = holder.card()->order;
  if (order.instruction == IssuerCommand::none || order.state == store::OrderState::done) {
    return;
  }
  const LifeCycle wanted =
      order.instruction == IssuerCommand::deactivate ? LifeCycle::deactivated : LifeCycle::active;
  const bool spent = report.presence.admin_counter >= order.proof.n;
  if (spent && report.presence.life_cycle == wanted) {
    order.state = store::OrderState::done;
    order.status = 0;
  } else if (order.waits() && order.is(asked.command, asked.n) &&
             (report.status == kWrongIssuer || (report.status == kSpentCounter && spent))) {
    order.state = store::OrderState::refused;
    order.status = report.status;
  } else {
    return;
  }
  context_.commits.submit(store::SetOrder{holder.identity, holder.card()->uid, order});
  const bool done = order.state == store::OrderState::done;
  audit_fact(context_, done ? "card_order_done" : "card_order_refused", &connection, &holder, now,
             hex_of(report.uid) + " " + std::string{name_of(report.presence.life_cycle)} +
                 (done ? std::string{} : ", " + hex_of_status(order.status)));
}

void Fleet::unproven(const Connection& connection, const CardReport& report,
                     std::string_view detail, Millis now) {
  audit_fact(context_, "card_unproven", &connection, nullptr, now,
             hex_of(report.uid) + " " + hex_of_status(report.status) + ": " + std::string{detail});
}

}  // namespace countersign::engine
