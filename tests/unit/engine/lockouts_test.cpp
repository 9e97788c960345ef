#include "engine/lockouts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace countersign::engine {
namespace {

constexpr Millis kMinute = 60'000;
constexpr std::string_view kHome = "10.0.0.7";

void guess(Lockouts& lockouts, std::string_view origin, int times, Millis now) {
  for (int i = 0; i < times; ++i) {
    lockouts.wrong("mote-3", origin, true, now);
  }
}

TEST(Lockouts, LetsFourMistakesPass) {
  Lockouts lockouts{kMinute};
  guess(lockouts, "", 4, 1000);
  EXPECT_FALSE(lockouts.waits("mote-3", "", 1000));
  guess(lockouts, "", 1, 1000);
  EXPECT_TRUE(lockouts.waits("mote-3", "", 1000));
}

TEST(Lockouts, WaitsASecondThenTwoThenFourAndNeverLongerThanTheMost) {
  Lockouts lockouts{kMinute};
  guess(lockouts, "", 4, 0);
  Millis now = 0;
  for (Millis wait = 1000; wait <= 128'000; wait *= 2) {
    guess(lockouts, "", 1, now);
    const Millis expected = std::min(wait, kMinute);
    EXPECT_TRUE(lockouts.waits("mote-3", "", now + expected - 1)) << wait;
    EXPECT_FALSE(lockouts.waits("mote-3", "", now + expected)) << wait;
    now += expected;
  }
}

TEST(Lockouts, MakesNobodyElseWait) {
  Lockouts lockouts{kMinute};
  guess(lockouts, "", 50, 0);
  EXPECT_FALSE(lockouts.waits("mote-3", kHome, 1)) << "who comes from where it always came from";
  EXPECT_FALSE(lockouts.waits("mote-4", "", 1));
}

TEST(Lockouts, EndsWithARightPasswordFromThere) {
  Lockouts lockouts{kMinute};
  guess(lockouts, kHome, 9, 0);
  guess(lockouts, "", 9, 0);
  lockouts.right("mote-3", kHome);
  EXPECT_FALSE(lockouts.waits("mote-3", kHome, 1));
  EXPECT_TRUE(lockouts.waits("mote-3", "", 1));
}

TEST(Lockouts, ForgetsWhoWaitedLongAgo) {
  Lockouts lockouts{kMinute};
  guess(lockouts, "", 9, 0);
  lockouts.forget(10 * kMinute);
  EXPECT_EQ(lockouts.size(), 1U);
  lockouts.forget(20 * kMinute);
  EXPECT_EQ(lockouts.size(), 0U);
}

TEST(Lockouts, CountsOnlySoManyUsersWhoDoNotExist) {
  Lockouts lockouts{kMinute};
  constexpr std::size_t kMany = 70'000;
  for (std::size_t i = 0; i < kMany; ++i) {
    lockouts.wrong("nobody-" + std::to_string(i), "", false, 0);
  }
  EXPECT_LT(lockouts.size(), kMany);
  guess(lockouts, "", 5, 0);
  EXPECT_TRUE(lockouts.waits("mote-3", "", 1)) << "who exists is always counted";
}

}  // namespace
}  // namespace countersign::engine
