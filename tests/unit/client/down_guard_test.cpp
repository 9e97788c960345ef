#include "countersign/client/session/down_guard.hpp"

#include <gtest/gtest.h>

#include "countersign/client/session/back_off.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::client {
namespace {

TEST(BadTagBudget, ChecksEightBadTagsASecondAndNoMore) {
  BadTagBudget budget;
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(budget.allows(5'000 + i));
    budget.count_bad();
  }
  EXPECT_FALSE(budget.allows(5'999));
  EXPECT_TRUE(budget.allows(6'000));
}

TEST(BadTagBudget, IsNotSpentByGoodTags) {
  BadTagBudget budget;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(budget.allows(5'000));
  }
}

TEST(BackOff, DoublesUpToItsLimit) {
  BackOff pause{1'000, 5'000};
  EXPECT_EQ(pause.next(), 1'000);
  EXPECT_EQ(pause.next(), 2'000);
  EXPECT_EQ(pause.next(), 4'000);
  EXPECT_EQ(pause.next(), 5'000);
  EXPECT_EQ(pause.next(), 5'000);
  pause.reset();
  EXPECT_EQ(pause.next(), 1'000);
}

TEST(RandomDelay, StaysInItsRangeAndVaries) {
  countersign::test::SeededRandom random;
  Millis least = 30'000;
  Millis most = 0;
  for (int i = 0; i < 1000; ++i) {
    const Millis delay = random_delay(random, 30'000);
    least = std::min(least, delay);
    most = std::max(most, delay);
  }
  EXPECT_GE(least, 0);
  EXPECT_LT(least, 3'000);
  EXPECT_GT(most, 27'000);
  EXPECT_LE(most, 30'000);
  EXPECT_EQ(random_delay(random, 0), 0);
}

}  // namespace
}  // namespace countersign::client
