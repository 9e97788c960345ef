#include "countersign/reputation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace countersign::test {
namespace {

constexpr auto kIn = Observation::in_range;
constexpr auto kOut = Observation::out_of_range;

Reputation after(Reputation reputation, Observation observation) {
  observe(reputation, observation);
  return reputation;
}

TEST(Reputation, RowAuth2RisesAtUpperPlusSalt) {
  Reputation now{Level::auth2, 19};
  EXPECT_EQ(observe(now, kIn), Change::none);
  EXPECT_EQ(now, (Reputation{Level::auth2, 20}));
  EXPECT_EQ(observe(now, kIn), Change::raised);
  EXPECT_EQ(now, (Reputation{Level::auth3, 21}));
}

TEST(Reputation, RowAuth3FallsAtLowerMinusSalt) {
  Reputation now{Level::auth3, 4};
  EXPECT_EQ(observe(now, kOut), Change::none);
  EXPECT_EQ(now, (Reputation{Level::auth3, 3}));
  EXPECT_EQ(observe(now, kOut), Change::fell);
  EXPECT_EQ(now, (Reputation{Level::auth2, 2}));
}

TEST(Reputation, RowAuth2IsExpelledAtLowerMinusSalt) {
  Reputation now{Level::auth2, 4};
  EXPECT_EQ(observe(now, kOut), Change::none);
  EXPECT_EQ(observe(now, kOut), Change::expelled);
  EXPECT_EQ(now, (Reputation{Level::auth0, 2}));
}

// docs/protocol.md, section 6, written again without the table
TEST(Reputation, FollowsTheDocumentFromEveryStateThereIs) {
  for (int level = 0; level <= 3; ++level) {
    for (int score = 0; score <= 21; ++score) {
      const Reputation start{static_cast<Level>(level), static_cast<std::int8_t>(score)};
      Reputation in = start;
      const Change rise = observe(in, kIn);
      EXPECT_EQ(in.score, std::min(score + 1, 21));
      EXPECT_EQ(rise, level == 2 && in.score == 21 ? Change::raised : Change::none);
      EXPECT_EQ(in.level, rise == Change::raised ? Level::auth3 : start.level);

      Reputation out = start;
      const Change fall = observe(out, kOut);
      EXPECT_EQ(out.score, std::max(score - 1, 0));
      const bool low = out.score <= 2;
      EXPECT_EQ(fall, level == 3 && low   ? Change::fell
                      : level == 2 && low ? Change::expelled
                                          : Change::none);
      EXPECT_EQ(out.level, fall == Change::fell       ? Level::auth2
                           : fall == Change::expelled ? Level::auth0
                                                      : start.level);
    }
  }
}

TEST(Reputation, NeedsElevenGoodReadingsToRise) {
  Reputation now{Level::auth2, kInitialScore};
  int readings = 0;
  while (now.level == Level::auth2) {
    now = after(now, kIn);
    ++readings;
  }
  EXPECT_EQ(readings, 11);
  EXPECT_EQ(now.level, Level::auth3);
}

TEST(Reputation, ChangesAtMostOneStepAMessage) {
  std::mt19937 random{3};
  Reputation now{Level::auth2, kInitialScore};
  for (int i = 0; i < 100'000; ++i) {
    const Reputation before = now;
    const Change change = observe(now, random() % 2 == 0 ? kIn : kOut);
    ASSERT_LE(std::abs(now.score - before.score), 1);
    ASSERT_EQ(change == Change::none, now.level == before.level);
    ASSERT_GE(now.score, 0);
    ASSERT_LE(now.score, kMaxScore);
    if (now.level == Level::auth0) {
      now = {Level::auth2, kInitialScore};
    }
  }
}

TEST(Reputation, IsNotWashedByLoggingIn) {
  for (int score = 0; score <= 21; ++score) {
    for (const Level level : {Level::auth0, Level::auth1, Level::auth2, Level::auth3}) {
      Reputation now{level, static_cast<std::int8_t>(score)};
      log_in(now);
      EXPECT_EQ(now, (Reputation{Level::auth2, static_cast<std::int8_t>(std::min(score, 10))}));
    }
  }
}

TEST(Reputation, OfWhoSendsNonsenseOnlySinksHoweverOftenItLogsIn) {
  Reputation now{Level::auth2, kInitialScore};
  for (int i = 0; i < 7; ++i) {
    ASSERT_NE(now.level, Level::auth0);
    now = after(now, kOut);
    log_in(now);
  }
  EXPECT_EQ(now.score, 3);
  EXPECT_EQ(observe(now, kOut), Change::expelled);
}

TEST(Reputation, IsRenewedByEnforcementAlone) {
  Reputation now{Level::auth2, 2};
  renew(now);
  EXPECT_EQ(now, (Reputation{Level::auth2, kInitialScore}));
}

TEST(Reputation, TableHasOneRowForEachChange) {
  ASSERT_EQ(kTransitions.size(), 3U);
  for (const Transition& row : kTransitions) {
    EXPECT_EQ(row.threshold, row.observation == kIn ? 21 : 2);
    EXPECT_FALSE(row.name.empty());
    // reached by the row's own observation, from one step away
    const int step = row.observation == kIn ? -1 : 1;
    Reputation now{row.from, static_cast<std::int8_t>(row.threshold + step)};
    EXPECT_EQ(observe(now, row.observation), row.change);
    EXPECT_EQ(now.level, row.to);
  }
}

TEST(Levels, AreFrozen) {
  EXPECT_EQ(name_of(Level::auth0), "AUTH0");
  EXPECT_EQ(name_of(Level::auth1), "AUTH1");
  EXPECT_EQ(name_of(Level::auth2), "AUTH2");
  EXPECT_EQ(name_of(Level::auth3), "AUTH3");
}

}  // namespace
}  // namespace countersign::test
