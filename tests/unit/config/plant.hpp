#pragma once

#include <gtest/gtest.h>

#include <string>

#include "config/settings.hpp"

namespace countersign::config {

/// `text` as settings; the test fails if it is not taken.
inline Settings settings_of(const std::string& text) {
  auto parsed = parse_settings(text, "/etc/countersign/test.toml");
  EXPECT_TRUE(parsed) << parsed.why().text();
  if (parsed) {
    return std::move(*parsed);
  }
  return std::move(*parse_settings("server_id=\"t\"\n[default]\nmode=\"off\"", "none"));
}

/// Why `text` is not taken.
inline ConfigError refused(const std::string& text) {
  const auto parsed = parse_settings(text, "/etc/countersign/test.toml");
  EXPECT_FALSE(parsed) << text;
  return parsed ? ConfigError{} : parsed.why();
}

inline constexpr const char* kPlant = R"(
server_id = "plant-broker"
[[rule]]
name = "readings"
topic = "plant/%d/t"
subscribe = "anyone"
range = { pointer = "/t", min = -20, max = 60 }
[[rule]]
name = "commands"
topic = "plant/%d/cmd"
publish = ["role:operator"]
subscribe = ["%d", "role:operator"]
[[rule]]
name = "trial"
topic = "trial/#"
mode = "observe"
publish = "nobody"
subscribe = "nobody"
[[rule]]
name = "logs"
topic = "log/+"
mode = "off"
publish = ["kind:legacy", "id:gateway"]
subscribe = "known"
[default]
mode = "enforce"
publish = "nobody"
subscribe = "kind:admin"
)";

}  // namespace countersign::config
