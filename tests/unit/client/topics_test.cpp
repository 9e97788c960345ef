#include "countersign/client/session/topics.hpp"

#include <gtest/gtest.h>

namespace countersign::client {
namespace {

TEST(Topics, MatchAsMqttSays) {
  EXPECT_TRUE(matches("a/b", "a/b"));
  EXPECT_TRUE(matches("a/+", "a/b"));
  EXPECT_TRUE(matches("+/+", "/b"));
  EXPECT_TRUE(matches("#", "a/b/c"));
  EXPECT_TRUE(matches("a/#", "a"));
  EXPECT_TRUE(matches("a/#", "a/b/c"));
  EXPECT_TRUE(matches("$share/group/a/+", "a/b"));
  EXPECT_TRUE(matches("$SYS/#", "$SYS/x"));
}

TEST(Topics, MatchNothingElse) {
  EXPECT_FALSE(matches("a/b", "a"));
  EXPECT_FALSE(matches("a", "a/b"));
  EXPECT_FALSE(matches("a/+", "a"));
  EXPECT_FALSE(matches("a/+", "a/b/c"));
  EXPECT_FALSE(matches("+", "/a"));
  EXPECT_FALSE(matches("#", "$SYS/x"));
  EXPECT_FALSE(matches("+/x", "$SYS/x"));
  EXPECT_FALSE(matches("a/b/#", "a"));
  EXPECT_FALSE(matches("ab", "a"));
}

}  // namespace
}  // namespace countersign::client
