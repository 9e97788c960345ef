#pragma once

#include <string_view>

namespace countersign {

// docs/protocol.md, sections 3, 7 and 10
inline constexpr std::string_view kAuthTopic = "$CONTROL/countersign/auth";
inline constexpr std::string_view kAdminTopic = "$CONTROL/countersign/v1";
// what follows is a client id
inline constexpr std::string_view kAuthReplyPrefix = "countersign/auth/";
inline constexpr std::string_view kNoticePrefix = "countersign/notice/";
inline constexpr std::string_view kAdminReplyPrefix = "countersign/admin/";

}  // namespace countersign
