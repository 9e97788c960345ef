#include <gtest/gtest.h>

#include "unit/protocol/gate_scene.hpp"

namespace countersign::test {
namespace {

/// A device that has shown a password and signs nothing (q4 of the published automaton).
class GateCompatible : public testing::Test {
 protected:
  GateCompatible() {
    sender_.kind = Kind::legacy;
    sender_.reputation = {Level::auth1, 0};
    rule_.least_level = Level::auth1;
  }

  [[nodiscard]] Verdict judge(const Sent& sent) const {
    return judge_compatible(rule_, sender_, sent.view(), 1'000'000);
  }
  [[nodiscard]] static Sent reading(std::string_view text) {
    Sent sent;
    sent.payload.assign(bytes_of(text).begin(), bytes_of(text).end());
    return sent;
  }

  Sender sender_;
  Rule rule_;
  DigitsEvaluator digits_;
};

TEST_F(GateCompatible, IsDeliveredWhereTheRuleTakesItsLevel) {
  const Sent sent = reading("21.5");
  const Verdict verdict = judge(sent);
  EXPECT_EQ(verdict.why, Refusal::none);
  EXPECT_TRUE(verdict.deliver);
  EXPECT_FALSE(verdict.proven);
  EXPECT_EQ(text_of(verdict.payload), "21.5");
  rule_.least_level = Level::auth2;
  EXPECT_EQ(judge(sent).why, Refusal::denied);
}

TEST_F(GateCompatible, KeepsTheRule) {
  rule_.sealed = true;
  EXPECT_EQ(judge(reading("1")).why, Refusal::not_sealed);
  rule_.sealed = false;
  rule_.card_required = true;
  EXPECT_EQ(judge(reading("1")).why, Refusal::card_required);
  rule_.card_required = false;
  Sent sent = reading("1");
  sent.qos = 2;
  EXPECT_EQ(judge(sent).why, Refusal::qos2);
  sent = reading("1");
  sent.retain = true;
  EXPECT_EQ(judge(sent).why, Refusal::retain);
  rule_.retained = true;
  EXPECT_EQ(judge(sent).why, Refusal::none);
  sent.permitted = false;
  EXPECT_EQ(judge(sent).why, Refusal::denied);
  sent = reading("1");
  sent.readable = true;
  EXPECT_EQ(judge(sent).why, Refusal::malformed);
}

TEST_F(GateCompatible, IsJudgedAndKeepsAScoreOfZero) {
  rule_.evaluator = &digits_;
  EXPECT_EQ(judge(reading("21.5")).why, Refusal::none);
  Verdict verdict = judge(reading("nonsense"));
  EXPECT_EQ(verdict.why, Refusal::out_of_range);
  EXPECT_EQ(verdict.objector, "digits");
  EXPECT_FALSE(verdict.deliver);
  rule_.deliver_out_of_range = true;
  verdict = judge(reading("nonsense"));
  EXPECT_TRUE(verdict.deliver);
  EXPECT_EQ(sender_.reputation, (Reputation{Level::auth1, 0}));
}

TEST_F(GateCompatible, DoesNothingOnceItIsDisabled) {
  sender_.disabled = true;
  EXPECT_EQ(judge(reading("1")).why, Refusal::disabled);
}

}  // namespace
}  // namespace countersign::test
