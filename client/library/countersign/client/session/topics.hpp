#pragma once

#include <string>
#include <string_view>

namespace countersign::client {

/// docs/protocol.md, section 3 and 10.
inline constexpr std::string_view kAuthTopic = "$CONTROL/countersign/auth";
inline constexpr std::string_view kAdminTopic = "$CONTROL/countersign/v1";

[[nodiscard]] inline std::string auth_reply_topic(const std::string& client_id) {
  return "countersign/auth/" + client_id;
}
[[nodiscard]] inline std::string notice_topic(const std::string& client_id) {
  return "countersign/notice/" + client_id;
}
[[nodiscard]] inline std::string admin_reply_topic(const std::string& client_id) {
  return "countersign/admin/" + client_id;
}

/// True if `topic` matches the subscription `filter` (MQTT 5, 4.7), shared subscriptions included.
[[nodiscard]] bool matches(std::string_view filter, std::string_view topic);

}  // namespace countersign::client
