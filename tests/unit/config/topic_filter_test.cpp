#include "config/topic_filter.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "countersign/identity.hpp"

namespace countersign::config {
namespace {

TopicFilter filter(std::string_view text) {
  auto parsed = TopicFilter::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : *TopicFilter::parse("nothing");
}

bool matches(std::string_view text, std::string_view topic) {
  return filter(text).match(topic).matches;
}

TEST(TopicFilter, MatchesAsMqttSays) {
  EXPECT_TRUE(matches("a/b", "a/b"));
  EXPECT_FALSE(matches("a/b", "a/b/"));
  EXPECT_FALSE(matches("a/b", "a/bc"));
  EXPECT_FALSE(matches("a/b", "/a/b"));
  EXPECT_TRUE(matches("a/+/c", "a/b/c"));
  EXPECT_TRUE(matches("a/+/c", "a//c"));
  EXPECT_FALSE(matches("a/+/c", "a/b/c/d"));
  EXPECT_TRUE(matches("+/+", "/finance"));
  EXPECT_TRUE(matches("/+", "/finance"));
  EXPECT_FALSE(matches("+", "/finance"));
}

TEST(TopicFilter, TakesTheParentOfAHash) {
  EXPECT_TRUE(matches("sport/#", "sport"));
  EXPECT_TRUE(matches("sport/#", "sport/"));
  EXPECT_TRUE(matches("sport/#", "sport/tennis/player"));
  EXPECT_FALSE(matches("sport/#", "sports"));
  EXPECT_TRUE(matches("#", "anything/at/all"));
}

TEST(TopicFilter, LeavesDollarTopicsToThoseWhoNameThem) {
  EXPECT_FALSE(matches("#", "$SYS/broker/uptime"));
  EXPECT_FALSE(matches("+/broker/uptime", "$SYS/broker/uptime"));
  EXPECT_TRUE(matches("$SYS/#", "$SYS/broker/uptime"));
  EXPECT_TRUE(matches("a/+", "a/$b"));
}

TEST(TopicFilter, BindsOneIdentity) {
  const Match match = filter("plant/%d/t").match("plant/mote-3/t");
  EXPECT_TRUE(match);
  EXPECT_EQ(match.bound, "mote-3");
}

TEST(TopicFilter, BindsNothingThatIsNoIdentity) {
  EXPECT_FALSE(matches("plant/%d/t", "plant//t"));
  EXPECT_FALSE(matches("plant/%d/t", "plant/a b/t"));
  EXPECT_FALSE(matches("plant/%d/t", "plant/%d/t"));
  EXPECT_FALSE(matches("plant/%d/t", "plant/a~1/t"));
  EXPECT_FALSE(matches("plant/%d", "plant/" + std::string(65, 'x')));
  EXPECT_TRUE(matches("plant/%d", "plant/" + std::string(64, 'x')));
}

TEST(TopicFilter, BindsAtTheFirstAndTheLastLevel) {
  EXPECT_EQ(filter("%d/t").match("a/t").bound, "a");
  EXPECT_EQ(filter("t/%d").match("t/a").bound, "a");
  EXPECT_EQ(filter("%d/#").match("a").bound, "a");
  EXPECT_FALSE(matches("%d/t", "$SYS/t"));
}

TEST(TopicFilter, RefusesWhatIsNoFilterAndSaysWhy) {
  for (const std::string_view text :
       {"", "a#", "a/#/b", "#/a", "a+", "+a/b", "a/%d%d", "%d/%d", "x%d/t", "a/b+/c", "##"}) {
    std::string why;
    EXPECT_FALSE(TopicFilter::parse(text, &why)) << text;
    EXPECT_FALSE(why.empty()) << text;
  }
  EXPECT_FALSE(TopicFilter::parse(std::string_view{"a\0b", 3}));
  EXPECT_FALSE(TopicFilter::parse(std::string(65'536, 'a')));
  EXPECT_TRUE(TopicFilter::parse(std::string(65'535, 'a')));
}

TEST(TopicFilter, SurvivesBeingCopiedAndMoved) {
  auto first = std::make_unique<TopicFilter>(filter("a/%d"));
  const TopicFilter copy = *first;
  const TopicFilter moved = std::move(*first);
  first.reset();
  EXPECT_TRUE(copy.match("a/b"));
  EXPECT_TRUE(moved.match("a/b"));
}

TEST(TopicFilter, TakesPercentDForAWordInASubscription) {
  EXPECT_TRUE(TopicFilter::parse_subscription("a/%d")->match("a/%d"));
  EXPECT_FALSE(TopicFilter::parse_subscription("a/%d")->match("a/b"));
  EXPECT_FALSE(TopicFilter::parse_subscription("a/#/b"));
}

/// Every way to put one to three of `levels` together.
std::vector<std::string> all_of(const std::vector<std::string>& levels) {
  std::vector<std::string> out;
  const std::function<void(const std::string&, std::size_t)> grow = [&](const std::string& text,
                                                                        std::size_t n) {
    for (const std::string& level : levels) {
      const std::string longer = n == 0 ? level : text + "/" + level;
      out.push_back(longer);
      if (n < 2) {
        grow(longer, n + 1);
      }
    }
  };
  grow("", 0);
  return out;
}

// two identities, what is no identity, what begins with $, and nothing; filters may be one level
// shorter than topics, so that what lies below a # is seen as well
TEST(TopicFilter, ComparesAsASlowModelDoes) {
  const auto topics = all_of({"a", "b", "!", "$x", ""});
  std::size_t compared = 0;
  for (const std::string& ours : all_of({"a", "+", "#", "%d", "$x"})) {
    const auto rule = TopicFilter::parse(ours);
    for (const std::string& theirs : all_of({"a", "+", "#", "!", "$x"})) {
      const auto subscription = TopicFilter::parse_subscription(theirs);
      if (!rule || !subscription) {
        continue;
      }
      bool any = false;
      bool covered = true;
      std::string_view bound;
      bool several = false;
      for (const std::string& topic : topics) {
        if (!topic.empty() && subscription->match(topic)) {
          const Match match = rule->match(topic);
          covered = covered && match;
          any = any || match;
          several = several || (match && !bound.empty() && match.bound != bound);
          bound = match && bound.empty() ? match.bound : bound;
        }
      }
      const Overlap overlap = rule->compare(*subscription);
      ASSERT_EQ(overlap.any, any) << ours << " and " << theirs;
      ASSERT_EQ(overlap.covered, any && covered) << ours << " and " << theirs;
      ASSERT_EQ(overlap.any && overlap.any_bound, several) << ours << " and " << theirs;
      if (any && !several) {
        ASSERT_EQ(overlap.bound, bound) << ours << " and " << theirs;
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 2000U);
}

}  // namespace
}  // namespace countersign::config
