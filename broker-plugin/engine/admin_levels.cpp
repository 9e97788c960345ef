#include <algorithm>
#include <tuple>

#include "config/wildcard.hpp"
#include "engine/admin.hpp"
#include "engine/admin_json.hpp"

namespace countersign::engine {
namespace {

constexpr std::size_t kMostRows = 1000;
constexpr std::size_t kUsualRows = 100;

/// The session that speaks for it now: the latest that is not over.
const LiveSession* latest(const Principal& principal) {
  const LiveSession* latest = nullptr;
  if (!principal.activity) {
    return latest;
  }
  for (const LiveSession& session : principal.activity->sessions) {
    latest = session.over ? latest : &session;
  }
  return latest;
}

bool worse(const Principal* a, const Principal* b) {
  const auto rank = [](const Principal& principal) {
    return std::tuple{principal.reputation.level, principal.reputation.score,
                      std::string_view{principal.identity}};
  };
  return rank(*a) < rank(*b);
}

nlohmann::json row_of(const Principal& principal, Millis now) {
  const LiveSession* const session = latest(principal);
  nlohmann::json row{{"identity", principal.identity},
                     {"kind", name_of(principal.kind)},
                     {"level", name_of(principal.reputation.level)},
                     {"score", principal.reputation.score},
                     {"standing", standing_text(principal, now)},
                     {"kid", session == nullptr ? 0 : session->kid},
                     {"messages", session == nullptr ? 0U : session->messages}};
  if (principal.enforcement_deadline != 0) {
    row["enforcementUntil"] = principal.enforcement_deadline;
  }
  if (principal.expelled_until > now) {
    row["expelledUntil"] = principal.expelled_until;
  }
  return row;
}

struct Totals {
  std::size_t sessions = 0;
  std::array<std::size_t, kLevelNames.size()> levels{};
  std::size_t enforcement = 0;
  std::size_t expelled = 0;

  void add(const Principal& principal, Millis now) {
    sessions += principal.has_live_session() ? 1U : 0U;
    ++levels[static_cast<std::size_t>(principal.reputation.level)];
    enforcement += principal.enforcement_deadline != 0 ? 1U : 0U;
    expelled += principal.expelled_until > now ? 1U : 0U;
  }
};

}  // namespace

/// Who has, or lately had, a session, is expelled, or is connected with a password alone.
std::vector<const Principal*> Admin::present() {
  std::vector<const Principal*> all{sessions_.active().begin(), sessions_.active().end()};
  const auto with_sessions = static_cast<std::ptrdiff_t>(all.size());
  context_.connections.for_each([&](const Connection& connection) {
    const bool live = connection.standing == Standing::proven && !connection.departed;
    const Principal* const principal =
        live && connection.kid == 0 ? context_.registry.find(connection.identity) : nullptr;
    if (principal != nullptr && principal->method() == Method::password) {
      all.push_back(principal);
    }
  });
  std::sort(all.begin() + with_sessions, all.end());
  all.erase(std::unique(all.begin() + with_sessions, all.end()), all.end());
  return all;
}

/// [MFA_R: AuthInspector] Levels and scores as they are now, worst first.
Admin::Effect Admin::list_levels(const Json& command, Millis now) {
  const std::size_t count = std::min(count_at(command, "count", kUsualRows), kMostRows);
  const std::string match = text_at(command, "match");
  Totals totals;
  std::vector<const Principal*> shown;
  for (const Principal* const principal : present()) {
    totals.add(*principal, now);
    if (match.empty() || config::matches_wildcard(match, principal->identity)) {
      shown.push_back(principal);
    }
  }
  const auto end = shown.begin() + static_cast<std::ptrdiff_t>(std::min(count, shown.size()));
  std::partial_sort(shown.begin(), end, shown.end(), worse);
  Effect effect;
  effect.data = {{"now", now},
                 {"totals",
                  {{"identities", context_.registry.size()},
                   {"sessions", totals.sessions},
                   {"AUTH1", totals.levels[1]},
                   {"AUTH2", totals.levels[2]},
                   {"AUTH3", totals.levels[3]},
                   {"enforcement", totals.enforcement},
                   {"expelled", totals.expelled}}},
                 {"devices", Json::array()}};
  for (auto row = shown.begin(); row != end; ++row) {
    effect.data["devices"].push_back(row_of(**row, now));
  }
  return effect;
}

}  // namespace countersign::engine
