#include "config/settings.hpp"

#include <algorithm>

#include "config/wildcard.hpp"

namespace countersign::config {

bool SuitePolicy::allows(Kind kind, std::uint8_t suite) const {
  const auto at = static_cast<std::size_t>(kind);
  if (at >= allowed.size() || suite < 1 || suite > 2) {
    return false;
  }
  return (allowed[at] & (suite == 1 ? kSuite1 : kSuite2)) != 0;
}

bool Relay::may_carry(std::string_view other) const {
  return is_identity(other) &&
         std::any_of(carries.begin(), carries.end(), [other](const std::string& pattern) {
           return matches_wildcard(pattern, other);
         });
}

const Relay* Settings::relay(std::string_view identity) const {
  const auto found = std::find_if(relays.begin(), relays.end(), [identity](const Relay& relay) {
    return !identity.empty() && relay.identity == identity;
  });
  return found == relays.end() ? nullptr : &*found;
}

const Relay* Settings::bridge(std::string_view client_id) const {
  const auto found = std::find_if(relays.begin(), relays.end(), [client_id](const Relay& relay) {
    return !client_id.empty() && relay.bridge == client_id;
  });
  return found == relays.end() ? nullptr : &*found;
}

std::string_view Settings::without_prefix(std::string_view topic) const {
  return topic.starts_with(strip_prefix) ? topic.substr(strip_prefix.size()) : topic;
}

}  // namespace countersign::config
