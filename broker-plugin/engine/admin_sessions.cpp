#include <unordered_map>

#include "engine/admin.hpp"
#include "engine/admin_json.hpp"

namespace countersign::engine {

Admin::Effect Admin::list_sessions(const Json& command, Millis now) {
  const std::string wanted = text_at(command, "identity");
  Effect effect;
  effect.data = {{"sessions", Json::array()}};
  std::unordered_multimap<std::string_view, const Connection*> connections;
  context_.connections.for_each([&connections](const Connection& connection) {
    if (!connection.departed) {
      connections.emplace(connection.identity, &connection);
    }
  });
  for (const Principal* const principal : sessions_.active()) {
    if (!wanted.empty() && principal->identity != wanted) {
      continue;
    }
    for (const LiveSession& session : principal->activity->sessions) {
      if (session.over) {
        continue;
      }
      Json entry = describe(session);
      entry["identity"] = principal->identity;
      entry["level"] = name_of(principal->reputation.level);
      entry["score"] = principal->reputation.score;
      entry["clients"] = Json::array();
      const auto [first, last] = connections.equal_range(principal->identity);
      for (auto one = first; one != last; ++one) {
        if (one->second->kid == session.kid) {
          entry["clients"].push_back(
              {{"client", one->second->client_id}, {"address", one->second->address}});
        }
      }
      effect.data["sessions"].push_back(std::move(entry));
    }
  }
  static_cast<void>(now);
  return effect;
}

Admin::Effect Admin::end_session(const Json& command, Millis now) {
  Effect effect;
  Principal* const principal = named(command);
  if (principal == nullptr) {
    effect.error = "Device not found";
    return effect;
  }
  const auto kid = command.find("kid");
  if (kid == command.end()) {
    sessions_.end_all(*principal, true, now);
    return effect;
  }
  auto* const session = kid->is_number_unsigned() && *kid <= kMaxKid
                            ? static_cast<LiveSession*>(principal->find(kid->get<std::uint16_t>()))
                            : nullptr;
  if (session == nullptr || session->over) {
    effect.error = "Session not found";
    return effect;
  }
  sessions_.end(*principal, *session, true, now);
  return effect;
}

Admin::Effect Admin::get_metrics(const Json&, Millis) {
  const Metrics& metrics = context_.metrics;
  Json refused = Json::object();
  for (std::size_t i = 1; i < kRefusalNames.size(); ++i) {
    if (metrics.refused[i] != 0) {
      refused[std::string{kRefusalNames[i]}] = metrics.refused[i];
    }
  }
  Effect effect;
  effect.data = {{"accepted", metrics.accepted},
                 {"untouched", metrics.untouched},
                 {"observed", metrics.observed},
                 {"refused", refused},
                 {"handshakes", metrics.handshakes},
                 {"resumes", metrics.resumes},
                 {"enforcements", metrics.enforcements},
                 {"expulsions", metrics.expulsions},
                 {"registered", context_.registry.size()},
                 {"identitiesWithSessions", sessions_.active().size()},
                 {"connections", context_.connections.size()},
                 {"strangers", context_.connections.count(Standing::stranger)},
                 {"pendingHandshakes", desk_.size()},
                 {"auditLinesDropped", context_.audit.dropped()}};
  return effect;
}

}  // namespace countersign::engine
