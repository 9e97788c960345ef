#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::config {

// Every key that a configuration may hold, by table. docs/configuration.md explains the same ones:
// a test compares them.

inline constexpr std::array<std::string_view, 10> kTopKeys{
    "server_id",   "strip_prefix", "files", "audit", "limits",
    "connections", "suites",       "relay", "rule",  "default"};
inline constexpr std::array<std::string_view, 4> kFilesKeys{"key", "database", "state", "audit"};
inline constexpr std::array<std::string_view, 2> kAuditKeys{"events", "queue"};
inline constexpr std::array<std::string_view, 6> kLimitsKeys{
    "window",      "enforce_after_messages", "enforce_after", "enforcement_time",
    "session_age", "session_sealed_messages"};
inline constexpr std::array<std::string_view, 7> kConnectionsKeys{"bad_messages",
                                                                  "strangers_per_address",
                                                                  "stranger_time",
                                                                  "handshake_time",
                                                                  "handshakes_per_second",
                                                                  "back_off_max",
                                                                  "duplicate_notices_per_second"};
inline constexpr std::array<std::string_view, 4> kSuitesKeys{"device", "user", "agent", "admin"};
inline constexpr std::array<std::string_view, 3> kRelayKeys{"identity", "bridge", "carries"};
inline constexpr std::array<std::string_view, 20> kRuleKeys{
    "name",       "topic",      "mode",     "publish", "subscribe", "level",       "sealed",
    "short_tags", "qos2",       "retained", "wills",   "receipts",  "card",        "range",
    "group",      "correlated", "rate",     "format",  "combine",   "out_of_range"};
/// `[default]` matches every topic and is called default.
inline constexpr std::array<std::string_view, 18> kDefaultKeys{
    "mode",  "publish",    "subscribe", "level",    "sealed",  "short_tags",
    "qos2",  "retained",   "wills",     "receipts", "card",    "range",
    "group", "correlated", "rate",      "format",   "combine", "out_of_range"};
inline constexpr std::array<std::string_view, 3> kRangeKeys{"pointer", "min", "max"};
inline constexpr std::array<std::string_view, 5> kGroupKeys{"pointer", "members", "tolerance",
                                                            "window", "fresh"};
inline constexpr std::array<std::string_view, 5> kCorrelatedKeys{"pointers", "resolution",
                                                                 "tolerance", "window", "memory"};
inline constexpr std::array<std::string_view, 4> kRateKeys{"shortest", "longest", "stuck",
                                                           "pointer"};

/// All of them as `table.key`, sorted, e.g. `rule.range.min`.
[[nodiscard]] std::vector<std::string> accepted_keys();

}  // namespace countersign::config
