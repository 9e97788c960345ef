#include "dataserv/correlated_judge.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "unit/config/allocations.hpp"
#include "unit/dataserv/said.hpp"

namespace countersign::dataserv {
namespace {

std::string reading(double t, double h) {
  return "{\"t\":" + std::to_string(t) + ",\"h\":" + std::to_string(h) + "}";
}

class Correlated : public ::testing::Test {
 protected:
  /// Humidity falls as temperature rises.
  std::string usual() {
    const double t = 20 + spread_(dice_);
    return reading(t, 80 - 2 * t + 0.1 * spread_(dice_));
  }
  void learn(CorrelatedJudge& judge, int readings) {
    for (int i = 0; i < readings; ++i) {
      static_cast<void>(said(judge, "mote-1", usual()));
    }
  }
  static config::CorrelatedSpec spec() {
    return {.pointers = {"/t", "/h"}, .resolution = {0.01, 0.01}, .tolerance = 8, .memory = 100};
  }

  std::mt19937 dice_{7};
  std::normal_distribution<double> spread_{0, 1};
  CorrelatedJudge judge_{spec()};
};

TEST_F(Correlated, SaysNothingUntilItHasLearned) {
  for (int i = 0; i <= 100; ++i) {
    ASSERT_EQ(said(judge_, "mote-1", usual()), Opinion::silent) << i;
  }
  EXPECT_EQ(said(judge_, "mote-1", usual()), Opinion::in_range);
}

TEST_F(Correlated, ObjectsToNumbersThatDoNotBelongTogether) {
  learn(judge_, 300);
  EXPECT_EQ(said(judge_, "mote-1", reading(21.5, 37)), Opinion::in_range);
  EXPECT_EQ(said(judge_, "mote-1", reading(21.5, 43)), Opinion::out_of_range)
      << "each of them is usual, but not both";
}

TEST_F(Correlated, LearnsLittleFromWhatItObjectsTo) {
  learn(judge_, 300);
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(said(judge_, "mote-1", reading(60, 90)), Opinion::out_of_range) << i;
  }
}

TEST_F(Correlated, ObjectsToWhatIsMissing) {
  EXPECT_EQ(said(judge_, "mote-1", "{\"t\":20}"), Opinion::out_of_range);
  EXPECT_EQ(said(judge_, "mote-1", ""), Opinion::out_of_range);
}

TEST_F(Correlated, KeepsWhatItLearnedOverASave) {
  learn(judge_, 300);
  CorrelatedJudge other{spec()};
  ASSERT_TRUE(other.restore(judge_.save()));
  EXPECT_EQ(said(other, "mote-1", reading(21.5, 43)), Opinion::out_of_range);
  EXPECT_EQ(said(other, "mote-1", usual()), Opinion::in_range);
  std::vector<std::byte> image = judge_.save();
  EXPECT_FALSE(other.restore(ByteView{image}.first(image.size() - 1)));
}

TEST_F(Correlated, AllocatesNothingOnceItKnowsADevice) {
  learn(judge_, 200);
  const std::string payload = usual();
  std::size_t place = 0;
  const std::size_t before = allocations();
  Heard heard{"mote-1", {bytes_of(payload), config::Format::json}, 1};
  static_cast<void>(judge_.judge(heard, place));
  EXPECT_EQ(allocations(), before);
}

TEST_F(Correlated, StandsNumbersOfAnySize) {
  for (const double size : {1e300, -1e300, 1e-300, 0.0}) {
    for (int i = 0; i < 120; ++i) {
      static_cast<void>(said(judge_, "mote-2", reading(size, size)));
    }
  }
  static_cast<void>(judge_.save());
}

}  // namespace
}  // namespace countersign::dataserv
