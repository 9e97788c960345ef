// A sample of what mcu_cuts does everywhere.

#include <gtest/gtest.h>

#include "unit/mcu/cut_stage.hpp"
#include "unit/mcu/scenes.hpp"

namespace countersign::mcu::test {
namespace {

template <class S>
void sample(Stride stride, std::uint64_t at_least) {
  const Tally tally = CutStage<S>{1, stride}.run();
  EXPECT_EQ(tally.failures, 0U) << tally.first_failure;
  EXPECT_GE(tally.scenarios, at_least);
}

TEST(PowerCuts, LoseNoRecordAndKeepNoSecret) { sample<StoreScene>({31, 23}, 200); }
TEST(PowerCuts, NeverGiveANumberTwice) { sample<LeaseScene>({19, 7}, 200); }
TEST(PowerCuts, LoseNoReadingAndSendNoneTwice) { sample<RingScene>({31, 11}, 200); }

}  // namespace
}  // namespace countersign::mcu::test
