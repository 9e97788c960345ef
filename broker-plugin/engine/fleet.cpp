#include "engine/fleet.hpp"

#include <algorithm>
#include <utility>

#include "engine/hex.hpp"
#include "engine/sessions.hpp"
#include "engine/trail.hpp"

namespace countersign::engine {
namespace {

constexpr Millis kChallengeLife = 10'000;
constexpr std::size_t kMaxAsked = 256;  // of one agent
constexpr std::size_t kMaxAskedOfACard = 4;
constexpr std::size_t kMaxLinks = kMaxSessionsOfPeople;

}  // namespace

void Fleet::take_event(const Connection& connection, std::string_view payload, Millis now) {
  const auto event = parse_fleet_event(payload);
  if (!event) {
    return;
  }
  const auto place = arrive(connection);
  auto& [name, agent] = *place;
  agent.host = event->host;
  switch (event->what) {
    case FleetEvent::What::online:
      come_online(name, agent, *event, now);
      break;
    case FleetEvent::What::inserted:
      ask_for(name, agent, *event, now);
      break;
    case FleetEvent::What::removed:
      if (const auto& card = event->places.front().card; card) {
        leave(name, agent, *card, "removed", now);
      }
      break;
    case FleetEvent::What::reader_removed:
      lose_reader(name, agent, event->places.front().reader, now);
      break;
    case FleetEvent::What::offline:
      end(place, "offline", now);
      break;
    case FleetEvent::What::reader_added:
    case FleetEvent::What::service_lost:
    case FleetEvent::What::service_found:
      break;
  }
}

/// The agent that holds `connection`; from now on it is asked there.
Fleet::Agents::iterator Fleet::arrive(const Connection& connection) {
  const auto place = agents_.try_emplace(connection.identity).first;
  auto& links = place->second.links;
  if (links.empty() || links.back().serial != connection.serial) {
    std::erase_if(links, [&](const Link& link) { return link.serial == connection.serial; });
    if (links.size() == kMaxLinks) {
      links.erase(links.begin());
    }
    links.push_back({connection.handle, connection.serial});
  }
  return place;
}

/// It names all that is there: what is not among it has left unseen.
void Fleet::come_online(const std::string& name, Agent& agent, const FleetEvent& event,
                        Millis now) {
  for (const CardUid& uid : std::set{agent.present}) {
    const bool there = std::any_of(event.places.begin(), event.places.end(),
                                   [&](const FleetEvent::Place& one) { return one.card == uid; });
    if (!there) {
      leave(name, agent, uid, "not there any more", now);
    }
  }
  ask_for(name, agent, event, now);
}

void Fleet::lose_reader(const std::string& name, Agent& agent, std::string_view reader,
                        Millis now) {
  for (const CardUid& uid : std::set{agent.present}) {
    const Principal* const holder = context_.registry.holder_of(uid);
    if (holder == nullptr || holder->card()->sighting.reader == reader) {
      leave(name, agent, uid, "its reader left", now);
    }
  }
}

/// Every registered card that an event names is to prove itself.
void Fleet::ask_for(const std::string& name, Agent& agent, const FleetEvent& event, Millis now) {
  for (const FleetEvent::Place& place : event.places) {
    const Principal* const holder = place.card ? context_.registry.holder_of(*place.card) : nullptr;
    if (holder != nullptr) {
      static_cast<void>(ask(name, agent, *place.card, *holder, 0, now));
    }
  }
}

/// \returns false if the agent cannot be asked now.
bool Fleet::ask(const std::string& name, Agent& agent, const CardUid& uid, const Principal& holder,
                std::uint64_t search, Millis now) {
  const Connection* connection = nullptr;
  for (auto link = agent.links.rbegin(); connection == nullptr && link != agent.links.rend();
       ++link) {
    connection = connection_of(name, *link, now);
  }
  CardOrder order;
  order.uid = uid;
  if (connection == nullptr || !context_.random.fill(order.challenge)) {
    return false;
  }
  const store::Order& due = holder.card()->order;
  if (due.waits()) {
    order.command = due.instruction;
    order.proof = due.proof;
    if (!is_sent(uid, due)) {
      audit_fact(context_, "card_ordered", connection, &holder, now,
                 hex_of(uid) + " " + std::string{word_of(due.instruction)});
    }
  }
  make_room(name, agent, uid, now);
  agent.asked.push_back({uid, order.challenge, order.command, order.proof.n, search, now});
  Principal& principal = *context_.registry.find(name);
  postman_.card_order(*connection, *static_cast<LiveSession*>(principal.find(connection->kid)),
                      order);
  return true;
}

/// Null if the agent can neither be reached nor believed there.
Connection* Fleet::connection_of(const std::string& name, const Link& link, Millis now) const {
  Connection* const connection = context_.connections.find(link.handle);
  if (connection == nullptr || connection->serial != link.serial || connection->departed ||
      connection->superseded || connection->identity != name) {
    return nullptr;
  }
  const Principal* const principal = context_.registry.find(name);
  if (principal == nullptr || standing(*principal, now) != Refusal::none) {
    return nullptr;
  }
  const auto* const session = static_cast<const LiveSession*>(principal->find(connection->kid));
  return session == nullptr || session->over ? nullptr : connection;
}

/// A flood of claims costs the agent that makes it its own oldest challenges, and nobody else.
void Fleet::make_room(const std::string& name, Agent& agent, const CardUid& uid, Millis now) {
  const auto is_of_card = [&](const Asked& asked) { return asked.uid == uid; };
  const auto of_card = std::count_if(agent.asked.begin(), agent.asked.end(), is_of_card);
  if (static_cast<std::size_t>(of_card) >= kMaxAskedOfACard) {
    spend(name, agent, std::find_if(agent.asked.begin(), agent.asked.end(), is_of_card), now);
  } else if (agent.asked.size() >= kMaxAsked) {
    spend(name, agent, agent.asked.begin(), now);
  }
}

void Fleet::expire(const std::string& name, Agent& agent, Millis now) {
  while (!agent.asked.empty() &&
         (now - agent.asked.front().at >= kChallengeLife || now < agent.asked.front().at)) {
    spend(name, agent, agent.asked.begin(), now);
  }
}

/// The challenge is good for nothing any more; whoever waits for this agent's word has it.
void Fleet::spend(const std::string& name, Agent& agent, const std::deque<Asked>::iterator& asked,
                  Millis now) {
  const Asked spent = *asked;
  agent.asked.erase(asked);
  heard(spent.uid, spent.search, name, now);
}

/// The card is not there any more, if it was.
void Fleet::leave(const std::string& name, Agent& agent, const CardUid& uid, std::string_view why,
                  Millis now) {
  Principal* const holder = context_.registry.holder_of(uid);
  if (agent.present.erase(uid) != 0 && holder != nullptr) {
    if (holder->card()->noted_at != holder->card()->sighting.seen_at) {
      note(*holder);
    }
    audit_fact(context_, "card_gone", nullptr, holder, now,
               hex_of(uid) + " from " + name + ": " + std::string{why});
  }
}

void Fleet::end(Agents::iterator place, std::string_view why, Millis now) {
  auto node = agents_.extract(place);
  Agent& agent = node.mapped();
  for (const CardUid& uid : std::set{agent.present}) {
    leave(node.key(), agent, uid, why, now);
  }
  while (!agent.asked.empty()) {
    spend(node.key(), agent, agent.asked.begin(), now);
  }
}

void Fleet::depart(ClientHandle handle, Millis now) {
  const Connection* const connection = context_.connections.find(handle);
  if (connection == nullptr) {
    return;
  }
  const auto place = agents_.find(connection->identity);
  if (place == agents_.end()) {
    return;
  }
  auto& links = place->second.links;
  std::erase_if(links,
                [serial = connection->serial](const Link& link) { return link.serial == serial; });
  if (links.empty()) {
    end(place, "its agent left", now);
  }
}

void Fleet::sweep(Millis now) {
  for (auto place = agents_.begin(); place != agents_.end();) {
    const auto next = std::next(place);
    auto& [name, agent] = *place;
    std::erase_if(agent.links, [this, &name = name, now](const Link& link) {
      return connection_of(name, link, now) == nullptr;
    });
    if (agent.links.empty()) {
      end(place, "its agent left", now);
    } else {
      expire(name, agent, now);
    }
    place = next;
  }
}

void Fleet::deliver(const CardUid& uid, const Principal& holder, Millis now) {
  sweep(now);
  const KnownCard& card = *holder.card();
  if (is_present(uid, card)) {
    const auto place = agents_.find(card.sighting.agent);
    static_cast<void>(ask(place->first, place->second, uid, holder, 0, now));
  }
}

std::size_t Fleet::cards_at(std::string_view agent) const {
  const auto place = agents_.find(agent);
  if (place == agents_.end()) {
    return 0;
  }
  const auto& present = place->second.present;
  return static_cast<std::size_t>(
      std::count_if(present.begin(), present.end(), [&](const CardUid& uid) {
        const Principal* const holder = context_.registry.holder_of(uid);
        return holder != nullptr && holder->card()->sighting.agent == agent;
      }));
}

bool Fleet::is_present(const CardUid& uid, const KnownCard& card) const {
  const auto place = agents_.find(card.sighting.agent);
  return place != agents_.end() && place->second.present.contains(uid);
}

bool Fleet::is_sent(const CardUid& uid, const store::Order& order) const {
  return order.waits() && std::any_of(agents_.begin(), agents_.end(), [&](const auto& entry) {
           const auto& asked = entry.second.asked;
           return std::any_of(asked.begin(), asked.end(), [&](const Asked& one) {
             return one.uid == uid && order.is(one.command, one.n);
           });
         });
}

}  // namespace countersign::engine
