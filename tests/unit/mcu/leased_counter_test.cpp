#include "flash/leased_counter.hpp"

#include <gtest/gtest.h>

#include "port/host/torn_flash.hpp"

namespace countersign::mcu::test {
namespace {

constexpr LeasedCounter::Terms kTerms{.record = 5, .first = 1, .end = 100, .block = 8};

class LeasedCounterTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store.open()); }

  /// -1 if none is given.
  static std::int64_t take(LeasedCounter& counter) {
    std::uint32_t value = 0;
    return counter.take(value) ? std::int64_t{value} : -1;
  }

  host::TornFlash flash{2};
  RecordStore store{flash, 0};
};

TEST_F(LeasedCounterTest, CountsFromTheFirstAndSkipsWhatWasLeasedAtAStart) {
  LeasedCounter counter{store, kTerms};
  ASSERT_TRUE(counter.open());
  EXPECT_EQ(take(counter), 1);
  EXPECT_EQ(take(counter), 2);
  LeasedCounter again{store, kTerms};
  ASSERT_TRUE(again.open());
  EXPECT_EQ(take(again), 9);
}

TEST_F(LeasedCounterTest, WritesOncePerBlock) {
  LeasedCounter counter{store, kTerms};
  ASSERT_TRUE(counter.open());
  flash.fail_at(4);  // head, bound and CRC are three words
  for (std::int64_t value = 1; value <= 8; ++value) {
    EXPECT_EQ(take(counter), value);
  }
  EXPECT_EQ(take(counter), -1);
}

TEST_F(LeasedCounterTest, RefusesAtTheEndAlsoAfterAStart) {
  LeasedCounter counter{store, kTerms};
  ASSERT_TRUE(counter.open());
  for (std::int64_t value = 1; value < 100; ++value) {
    ASSERT_EQ(take(counter), value);
  }
  EXPECT_EQ(take(counter), -1);
  LeasedCounter again{store, kTerms};
  ASSERT_TRUE(again.open());
  EXPECT_EQ(take(again), -1);
}

TEST_F(LeasedCounterTest, SkipsUpwardsOnly) {
  LeasedCounter counter{store, kTerms};
  ASSERT_TRUE(counter.open());
  counter.skip_to(40);
  EXPECT_EQ(take(counter), 40);
  counter.skip_to(3);
  EXPECT_EQ(take(counter), 41);
  counter.skip_to(4'000'000'000);
  EXPECT_EQ(take(counter), -1);
}

TEST_F(LeasedCounterTest, GivesNothingBeforeItIsOpenOrFromARecordThatIsNoNumber) {
  LeasedCounter counter{store, kTerms};
  EXPECT_EQ(take(counter), -1);
  ASSERT_EQ(store.put(5, bytes_of("abc")), Stored::done);
  EXPECT_FALSE(counter.open());
  EXPECT_EQ(take(counter), -1);
}

TEST_F(LeasedCounterTest, DoesNotBeginAnewWhenTheStoreIsNotOpen) {
  RecordStore closed{flash, 0};
  LeasedCounter counter{closed, kTerms};
  EXPECT_FALSE(counter.open());
  EXPECT_EQ(take(counter), -1);
}

}  // namespace
}  // namespace countersign::mcu::test
