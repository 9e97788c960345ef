#include "config/range_evaluator.hpp"

#include <gtest/gtest.h>

namespace countersign::config {
namespace {

TEST(RangeEvaluator, TakesItsBoundsForInside) {
  const RangeEvaluator evaluator{{Range{false, "/t", -20, 60}}};
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":-20})")), Evaluation::in_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":60.0})")), Evaluation::in_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":60.001})")), Evaluation::out_of_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":-20.001})")), Evaluation::out_of_range);
}

TEST(RangeEvaluator, TakesWhatIsMissingForOutside) {
  const RangeEvaluator evaluator{{Range{false, "/t", -20, 60}}};
  EXPECT_EQ(evaluator.evaluate({}), Evaluation::out_of_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of("20")), Evaluation::out_of_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":"20"})")), Evaluation::out_of_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"u":20})")), Evaluation::out_of_range);
}

TEST(RangeEvaluator, WantsAllItsRangesToHold) {
  const RangeEvaluator evaluator{{Range{false, "/t", 0, 1}, Range{false, "/h", 0, 100}}};
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":1,"h":50})")), Evaluation::in_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":1,"h":101})")), Evaluation::out_of_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":2,"h":50})")), Evaluation::out_of_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of(R"({"t":1})")), Evaluation::out_of_range);
}

TEST(RangeEvaluator, ReadsPlainText) {
  const RangeEvaluator evaluator{{Range{true, "", 0, 10}}};
  EXPECT_EQ(evaluator.evaluate(bytes_of("7.5\n")), Evaluation::in_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of("11")), Evaluation::out_of_range);
  EXPECT_EQ(evaluator.evaluate(bytes_of("seven")), Evaluation::out_of_range);
}

}  // namespace
}  // namespace countersign::config
