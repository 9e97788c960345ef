#pragma once

#include <string>
#include <string_view>

#include "countersign/topics.hpp"

namespace countersign::client {

[[nodiscard]] inline std::string auth_reply_topic(const std::string& client_id) {
  return std::string{kAuthReplyPrefix} + client_id;
}
[[nodiscard]] inline std::string notice_topic(const std::string& client_id) {
  return std::string{kNoticePrefix} + client_id;
}
[[nodiscard]] inline std::string admin_reply_topic(const std::string& client_id) {
  return std::string{kAdminReplyPrefix} + client_id;
}

/// True if `topic` matches the subscription `filter` (MQTT 5, 4.7), shared subscriptions included.
[[nodiscard]] bool matches(std::string_view filter, std::string_view topic);

}  // namespace countersign::client
