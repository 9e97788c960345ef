#include "engine/fleet.hpp"

namespace countersign::engine {
namespace {

constexpr Millis kSearchTime = 1000;

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
  for (auto& [name, agent] : agents_) {
    if (ask(name, agent, uid, holder, search.id, now)) {
      search.awaited.insert(name);
    }
  }
  if (search.awaited.empty()) {
    answer(false, now);
    return;
  }
  search.askers.push_back(std::move(answer));
  searches_.emplace(uid, std::move(search));
}

/// An agent has said its word in a search.
void Fleet::heard(const CardUid& uid, std::uint64_t search, const std::string& name, Millis now) {
  const auto found = searches_.find(uid);
  if (found == searches_.end() || found->second.id != search) {
    return;
  }
  found->second.awaited.erase(name);
  if (found->second.awaited.empty()) {
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
  std::vector<CardUid> late;
  for (const auto& [uid, search] : searches_) {
    if (now - search.since >= kSearchTime || now < search.since) {
      late.push_back(uid);
    }
  }
  for (const CardUid& uid : late) {
    finish(uid, false, now);
  }
}

}  // namespace countersign::engine
