#pragma once

#include <string>

#include "countersign/client/outcome.hpp"

namespace countersign::cli {

// errors whose cure is an option or a command of this program; a hint that is there stays

[[nodiscard]] client::Error publish_error(client::Error why, const std::string& topic,
                                          const std::string& identity, bool short_tag);
[[nodiscard]] client::Error subscribe_error(client::Error why, const std::string& filter,
                                            const std::string& identity);
[[nodiscard]] client::Error admin_error(client::Error why);
/// About a key to log in with or to bring to the broker.
[[nodiscard]] client::Error key_file_error(client::Error why);

inline constexpr const char* kReadHint = "is it there, and may you read it?";

}  // namespace countersign::cli
