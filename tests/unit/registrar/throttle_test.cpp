#include "registrar/throttle.hpp"

#include <gtest/gtest.h>

namespace countersign::registrar {
namespace {

using Verdict = Welcome::Verdict;

constexpr Millis kNow = 1'000'000;

LimitSettings limits() {
  LimitSettings out;
  out.requests_per_second = 2;
  out.burst = 3;
  out.failed_logins = 3;
  out.back_off_max = 10'000;
  out.addresses = 16;
  return out;
}

TEST(Bucket, GivesItsBurstAndThenItsRate) {
  Bucket bucket{2, 3, kNow};
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(bucket.take(kNow));
  }
  EXPECT_FALSE(bucket.take(kNow));
  EXPECT_EQ(bucket.wait(kNow), 500);
  EXPECT_FALSE(bucket.take(kNow + 499));
  EXPECT_TRUE(bucket.take(kNow + 500));
  EXPECT_FALSE(bucket.take(kNow + 501));
}

TEST(Bucket, HoldsNoMoreThanItsBurstHoweverLongNobodyComes) {
  Bucket bucket{2, 3, kNow};
  const Millis later = kNow + Millis{1} * 365 * 86'400'000 * 1'000;
  int taken = 0;
  while (taken < 10 && bucket.take(later)) {
    ++taken;
  }
  EXPECT_EQ(taken, 3);
}

TEST(Bucket, GivesNothingForTimeThatStandsStillOrRunsBack) {
  Bucket bucket{1'000, 1, kNow};
  EXPECT_TRUE(bucket.take(kNow));
  EXPECT_FALSE(bucket.take(kNow));
  EXPECT_FALSE(bucket.take(kNow - 5'000));
  EXPECT_FALSE(bucket.take(kNow));
  EXPECT_TRUE(bucket.take(kNow + 1));
}

TEST(Throttle, ServesThenRefusesThenDrops) {
  Throttle throttle{limits()};
  for (const Verdict verdict : {Verdict::serve, Verdict::refuse, Verdict::drop}) {
    for (int i = 0; i < 3 && (verdict != Verdict::drop || i < 1); ++i) {
      EXPECT_EQ(throttle.welcome("a", kNow).verdict, verdict);
    }
  }
  EXPECT_EQ(throttle.welcome("b", kNow).verdict, Verdict::serve) << "another's business";
}

TEST(Throttle, SaysWhenToComeAgainAndKeepsItsWord) {
  Throttle throttle{limits()};
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(throttle.welcome("a", kNow));
  }
  const Welcome refused = throttle.welcome("a", kNow);
  EXPECT_EQ(refused.retry_after, 500);
  EXPECT_EQ(throttle.welcome("a", kNow + refused.retry_after).verdict, Verdict::serve);
}

TEST(Throttle, RemembersSoManyAddressesAndForgetsTheOldest) {
  Throttle throttle{limits()};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(throttle.welcome("first", kNow).verdict, Verdict::serve);
  }
  for (int i = 0; i < 15; ++i) {
    static_cast<void>(throttle.welcome(std::to_string(i), kNow));
  }
  EXPECT_EQ(throttle.welcome("first", kNow).verdict, Verdict::refuse) << "still among the 16";
  for (int i = 0; i < 16; ++i) {
    static_cast<void>(throttle.welcome(std::to_string(100 + i), kNow));
  }
  EXPECT_EQ(throttle.welcome("first", kNow).verdict, Verdict::serve);
}

/// The most entries it held while `count` keys were asked for.
std::size_t most_held(Recent<int>& recent, int count) {
  std::size_t most = 0;
  for (int i = 0; i < count; ++i) {
    recent.at(std::to_string(i), i);
    most = std::max(most, recent.size());
  }
  return most;
}

TEST(Recent, NeverHoldsMoreThanItsLimit) {
  Recent<int> recent{4};
  EXPECT_EQ(most_held(recent, 1'000), 4U);
}

TEST(Recent, ForgetsTheOldestFirst) {
  Recent<int> recent{4};
  static_cast<void>(most_held(recent, 1'000));
  EXPECT_EQ(recent.find("995"), nullptr);
  EXPECT_NE(recent.find("996"), nullptr);
  recent.erase("996");
  EXPECT_EQ(recent.find("996"), nullptr);
}

TEST(Lockout, LetsTheFirstFewFailAndThenDoubles) {
  Lockout lockout{limits()};
  Millis now = kNow;
  lockout.failed("a", now);
  lockout.failed("a", now);
  EXPECT_EQ(lockout.wait("a", now), 0);
  for (const Millis pause : {1'000, 2'000, 4'000, 8'000, 10'000, 10'000}) {
    lockout.failed("a", now);
    EXPECT_EQ(lockout.wait("a", now), pause);
    EXPECT_EQ(lockout.wait("a", now + pause - 1), 1);
    now += pause;
    EXPECT_EQ(lockout.wait("a", now), 0);
  }
  EXPECT_EQ(lockout.wait("b", now), 0) << "another's business";
}

TEST(Lockout, EndsWithASuccess) {
  Lockout lockout{limits()};
  for (int i = 0; i < 3; ++i) {
    lockout.failed("a", kNow);
  }
  lockout.succeeded("a");
  EXPECT_EQ(lockout.wait("a", kNow), 0);
  lockout.failed("a", kNow);
  EXPECT_EQ(lockout.wait("a", kNow), 0) << "counted from the beginning";
}

TEST(Lockout, ForgivesWhoeverIsQuietForTheLongestWait) {
  Lockout lockout{limits()};
  for (int i = 0; i < 3; ++i) {
    lockout.failed("a", kNow);
  }
  const Millis later = kNow + 10'001;
  lockout.failed("a", later);
  EXPECT_EQ(lockout.wait("a", later), 0);
}

TEST(Lockout, WaitsTheLongestHoweverManyFailed) {
  Lockout lockout{limits()};
  for (int i = 0; i < 1'000; ++i) {
    lockout.failed("a", kNow);
  }
  EXPECT_EQ(lockout.wait("a", kNow), 10'000);
}

}  // namespace
}  // namespace countersign::registrar
