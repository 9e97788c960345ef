#include "config/duration.hpp"

#include <gtest/gtest.h>

#include "config/wildcard.hpp"

namespace countersign::config {
namespace {

TEST(Duration, IsANumberAndAUnit) {
  EXPECT_EQ(parse_duration("500ms"), 500);
  EXPECT_EQ(parse_duration("30s"), 30'000);
  EXPECT_EQ(parse_duration("10m"), 600'000);
  EXPECT_EQ(parse_duration("24h"), 86'400'000);
  EXPECT_EQ(parse_duration("7d"), 604'800'000);
  EXPECT_EQ(parse_duration("0s"), 0);
}

TEST(Duration, IsNothingElse) {
  for (const std::string_view text : {"", "30", "s", "30 s", "-1s", "+1s", "1.5h", "30S", "1h30m",
                                      "9223372036854775807d", "99999999999999999999s", "1w"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsWrittenAsItIsRead) {
  for (const std::string_view text : {"500ms", "30s", "10m", "1d", "7d", "25h"}) {
    EXPECT_EQ(duration_text(*parse_duration(text)), text);
  }
}

TEST(Wildcard, StandsForAnyRunOfCharacters) {
  EXPECT_TRUE(matches_wildcard("mote-*", "mote-3"));
  EXPECT_TRUE(matches_wildcard("mote-*", "mote-"));
  EXPECT_TRUE(matches_wildcard("*", "x"));
  EXPECT_TRUE(matches_wildcard("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(matches_wildcard("mote-3", "mote-3"));
  EXPECT_FALSE(matches_wildcard("mote-3", "mote-33"));
  EXPECT_FALSE(matches_wildcard("mote-*", "xmote-3"));
  EXPECT_FALSE(matches_wildcard("a*b", "a-b-c"));
  EXPECT_FALSE(matches_wildcard("", "x"));
}

}  // namespace
}  // namespace countersign::config
