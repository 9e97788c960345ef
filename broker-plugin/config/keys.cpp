#include "config/keys.hpp"

#include <algorithm>
#include <span>

namespace countersign::config {
namespace {

/// Keys of a rule that are tables of their own.
constexpr std::array<std::string_view, 4> kEvaluatorTables{"range", "group", "correlated", "rate"};

}  // namespace

std::vector<std::string> accepted_keys() {
  std::vector<std::string> all{"server_id", "strip_prefix"};
  const auto add = [&all](const std::string& table, std::span<const std::string_view> keys) {
    for (const std::string_view key : keys) {
      if (std::find(kEvaluatorTables.begin(), kEvaluatorTables.end(), key) ==
          kEvaluatorTables.end()) {
        all.push_back((table + ".").append(key));
      }
    }
  };
  const auto add_evaluators = [&add](const std::string& table) {
    add(table + ".range", kRangeKeys);
    add(table + ".group", kGroupKeys);
    add(table + ".correlated", kCorrelatedKeys);
    add(table + ".rate", kRateKeys);
  };
  add("files", kFilesKeys);
  add("audit", kAuditKeys);
  add("limits", kLimitsKeys);
  add("connections", kConnectionsKeys);
  add("suites", kSuitesKeys);
  add("relay", kRelayKeys);
  add("rule", kRuleKeys);
  add_evaluators("rule");
  add("default", kDefaultKeys);
  add_evaluators("default");
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace countersign::config
