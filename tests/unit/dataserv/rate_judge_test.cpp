#include "dataserv/rate_judge.hpp"

#include <gtest/gtest.h>

#include "unit/dataserv/said.hpp"

namespace countersign::dataserv {
namespace {

config::RateSpec spec(Millis shortest, Millis longest, std::uint32_t stuck) {
  return {.shortest = shortest, .longest = longest, .stuck = stuck, .path = {true, ""}};
}

TEST(RateJudge, ObjectsToWhatComesTooSoonOrTooLate) {
  RateJudge judge{spec(1000, 10'000, 0)};
  EXPECT_EQ(said(judge, "a", 1, 50'000), Opinion::in_range) << "nothing came before";
  EXPECT_EQ(said(judge, "a", 1, 50'999), Opinion::out_of_range);
  EXPECT_EQ(said(judge, "a", 1, 51'999), Opinion::in_range);
  EXPECT_EQ(said(judge, "a", 1, 61'999), Opinion::in_range);
  EXPECT_EQ(said(judge, "a", 1, 72'000), Opinion::out_of_range);
}

TEST(RateJudge, TakesEachDeviceForItself) {
  RateJudge judge{spec(1000, 0, 0)};
  EXPECT_EQ(said(judge, "a", 1, 1000), Opinion::in_range);
  EXPECT_EQ(said(judge, "b", 1, 1001), Opinion::in_range);
  judge.forget("a");
  EXPECT_EQ(said(judge, "a", 1, 1002), Opinion::in_range);
}

TEST(RateJudge, BlamesNobodyForAClockThatWasSetBack) {
  RateJudge judge{spec(1000, 2000, 0)};
  EXPECT_EQ(said(judge, "a", 1, 50'000), Opinion::in_range);
  EXPECT_EQ(said(judge, "a", 1, 10'000), Opinion::in_range);
}

TEST(RateJudge, ObjectsToANumberThatStandsStill) {
  RateJudge judge{spec(0, 0, 3)};
  EXPECT_EQ(said(judge, "a", 7, 1), Opinion::in_range);
  EXPECT_EQ(said(judge, "a", 7, 2), Opinion::in_range);
  EXPECT_EQ(said(judge, "a", 7, 3), Opinion::out_of_range);
  EXPECT_EQ(said(judge, "a", 7, 4), Opinion::out_of_range);
  EXPECT_EQ(said(judge, "a", 8, 5), Opinion::in_range);
  EXPECT_EQ(said(judge, "a", std::string{"nan"}, 6), Opinion::out_of_range);
}

}  // namespace
}  // namespace countersign::dataserv
