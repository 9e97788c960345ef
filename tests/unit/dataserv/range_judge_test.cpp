#include "dataserv/range_judge.hpp"

#include <gtest/gtest.h>

#include "unit/dataserv/said.hpp"

namespace countersign::dataserv {
namespace {

using config::Range;

Opinion judged(std::vector<Range> ranges, const std::string& payload) {
  RangeJudge judge{std::move(ranges)};
  return said(judge, "mote-1", payload);
}

const Range kTemperature{{false, "/t"}, -20, 60};
const Range kHumidity{{false, "/h"}, 0, 100};

TEST(RangeJudge, TakesItsBoundsForInside) {
  EXPECT_EQ(judged({kTemperature}, R"({"t":-20})"), Opinion::in_range);
  EXPECT_EQ(judged({kTemperature}, R"({"t":60.0})"), Opinion::in_range);
  EXPECT_EQ(judged({kTemperature}, R"({"t":60.001})"), Opinion::out_of_range);
  EXPECT_EQ(judged({kTemperature}, R"({"t":-20.001})"), Opinion::out_of_range);
}

TEST(RangeJudge, TakesWhatIsMissingForOutside) {
  for (const char* const payload : {"", "20", R"({"t":"20"})", R"({"u":20})", R"({"t":NaN})"}) {
    EXPECT_EQ(judged({kTemperature}, payload), Opinion::out_of_range) << payload;
  }
}

TEST(RangeJudge, WantsAllItsRangesToHold) {
  EXPECT_EQ(judged({kTemperature, kHumidity}, R"({"t":1,"h":50})"), Opinion::in_range);
  EXPECT_EQ(judged({kTemperature, kHumidity}, R"({"t":1,"h":101})"), Opinion::out_of_range);
  EXPECT_EQ(judged({kTemperature, kHumidity}, R"({"t":61,"h":50})"), Opinion::out_of_range);
  EXPECT_EQ(judged({kTemperature, kHumidity}, R"({"t":1})"), Opinion::out_of_range);
}

TEST(RangeJudge, ReadsPlainText) {
  const Range plain{{true, ""}, 0, 10};
  EXPECT_EQ(judged({plain}, "7.5\n"), Opinion::in_range);
  EXPECT_EQ(judged({plain}, "11"), Opinion::out_of_range);
  EXPECT_EQ(judged({plain}, "seven"), Opinion::out_of_range);
  EXPECT_EQ(judged({plain}, "nan"), Opinion::out_of_range);
}

}  // namespace
}  // namespace countersign::dataserv
