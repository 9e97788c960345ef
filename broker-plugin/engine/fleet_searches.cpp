#include <utility>

#include "engine/fleet.hpp"

namespace countersign::engine {
namespace {

constexpr Millis kSearchTime = 1000;
constexpr Millis kFirstTime = 100;  // for the agent that proved the card last

}  // namespace

void Fleet::locate(const CardUid& uid, const Principal& holder, Answer answer, Millis now) {
  sweep(now);
  if (const auto same = searches_.find(uid); same != searches_.end()) {
    same->second.askers.push_back(std::move(answer));
    return;
  }
  Search search;
  search.id = ++last_search_;
  search.since = now;
  search.askers.push_back(std::move(answer));
  searches_.emplace(uid, std::move(search));
  if (!ask_first(uid, holder, now)) {
    ask_all(uid, now);
  }
}

/// Where the card is present, its agent alone is asked at first: nobody else need look.
bool Fleet::ask_first(const CardUid& uid, const Principal& holder, Millis now) {
  const KnownCard& card = *holder.card();
  const auto place = agents_.find(card.sighting.agent);
  Search& search = searches_.at(uid);
  if (!is_present(uid, card) || !ask(place->first, place->second, uid, holder, search.id, now)) {
    return false;
  }
  search.awaited.insert(place->first);
  search.first = place->first;
  return true;
}

/// Everybody who was not asked yet.
void Fleet::ask_all(const CardUid& uid, Millis now) {
  Search& search = searches_.at(uid);
  const std::string first = std::exchange(search.first, std::string{});
  const Principal* const holder = context_.registry.holder_of(uid);
  for (auto& [name, agent] : agents_) {
    if (holder != nullptr && name != first && ask(name, agent, uid, *holder, search.id, now)) {
      search.awaited.insert(name);
    }
  }
  if (search.awaited.empty()) {
    finish(uid, false, now);
  }
}

/// An agent has said its word in a search.
void Fleet::heard(const CardUid& uid, std::uint64_t search, const std::string& name, Millis now) {
  const auto found = searches_.find(uid);
  if (found == searches_.end() || found->second.id != search) {
    return;
  }
  found->second.awaited.erase(name);
  if (found->second.awaited.empty() && !found->second.first.empty()) {
    ask_all(uid, now);
  } else if (found->second.awaited.empty()) {
    finish(uid, false, now);
  }
}

void Fleet::finish(const CardUid& uid, bool found, Millis now) {
  const auto node = searches_.extract(uid);
  if (!node.empty()) {
    for (const Answer& answer : node.mapped().askers) {
      answer(found, now);
    }
  }
}

void Fleet::tick(Millis now) {
  std::vector<CardUid> silent;
  std::vector<CardUid> late;
  for (const auto& [uid, search] : searches_) {
    if (now - search.since >= kSearchTime || now < search.since) {
      late.push_back(uid);
    } else if (!search.first.empty() && now - search.since >= kFirstTime) {
      silent.push_back(uid);
    }
  }
  for (const CardUid& uid : silent) {
    if (searches_.contains(uid)) {
      ask_all(uid, now);
    }
  }
  for (const CardUid& uid : late) {
    finish(uid, false, now);
  }
}

}  // namespace countersign::engine
