#include "config/keys.hpp"

#include <algorithm>
#include <span>

namespace countersign::config {

std::vector<std::string> accepted_keys() {
  std::vector<std::string> all{"server_id", "strip_prefix"};
  const auto add = [&all](const std::string& table, std::span<const std::string_view> keys) {
    for (const std::string_view key : keys) {
      if (key != "range") {
        all.push_back((table + ".").append(key));
      }
    }
  };
  add("files", kFilesKeys);
  add("audit", kAuditKeys);
  add("limits", kLimitsKeys);
  add("connections", kConnectionsKeys);
  add("suites", kSuitesKeys);
  add("relay", kRelayKeys);
  add("rule", kRuleKeys);
  add("rule.range", kRangeKeys);
  add("default", kDefaultKeys);
  add("default.range", kRangeKeys);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace countersign::config
