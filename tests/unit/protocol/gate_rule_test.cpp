#include <gtest/gtest.h>

#include "unit/protocol/gate_scene.hpp"

namespace countersign::test {
namespace {

class GateRule : public testing::Test {
 protected:
  Refusal judged(std::uint8_t flags) { return scene_.judge(scene_.send(scene_.next(flags))).why; }
  Verdict reading(std::string_view text) { return scene_.judge(scene_.send(scene_.next(), text)); }

  GateScene scene_;
};

TEST_F(GateRule, ShortTagsNeedLeave) {
  EXPECT_EQ(judged(kShortTag), Refusal::none);
  scene_.rule.short_tags = false;
  EXPECT_EQ(judged(kShortTag), Refusal::denied);
  EXPECT_EQ(judged(0), Refusal::none);
}

TEST_F(GateRule, ALevelBelowTheLeastIsDenied) {
  for (const Level least : {Level::auth0, Level::auth1, Level::auth2, Level::auth3}) {
    for (const Level level : {Level::auth0, Level::auth1, Level::auth2, Level::auth3}) {
      scene_.rule.least_level = least;
      scene_.sender.reputation.level = level;
      EXPECT_EQ(judged(0), level >= least ? Refusal::none : Refusal::denied);
    }
  }
}

TEST_F(GateRule, SealedIsForSealedAlone) {
  scene_.rule.sealed = true;
  EXPECT_EQ(judged(kSealed), Refusal::none);
  EXPECT_EQ(judged(0), Refusal::not_sealed);
  EXPECT_EQ(judged(kShortTag), Refusal::not_sealed);
  EXPECT_EQ(judged(kOnCardTag), Refusal::not_sealed);
}

TEST_F(GateRule, CardRequiredIsForCardsAlone) {
  scene_.rule.card_required = true;
  EXPECT_EQ(judged(kOnCardTag), Refusal::none);
  EXPECT_EQ(judged(0), Refusal::card_required);
  EXPECT_EQ(judged(kSealed), Refusal::card_required);
}

TEST_F(GateRule, RetainIntentMustBeTheRetainOfThePublish) {
  scene_.rule.retained = true;
  EXPECT_EQ(judged(kRetainIntent), Refusal::none);
  Sent sent = scene_.send(scene_.next(kRetainIntent));
  sent.retain = false;
  EXPECT_EQ(scene_.judge(sent).why, Refusal::retain);
  sent = scene_.send(scene_.next());
  sent.retain = true;
  EXPECT_EQ(scene_.judge(sent).why, Refusal::retain);
  scene_.rule.retained = false;
  EXPECT_EQ(judged(kRetainIntent), Refusal::retain);
  EXPECT_EQ(judged(0), Refusal::none);
}

TEST_F(GateRule, Qos2NeedsLeave) {
  Sent sent = scene_.send(scene_.next());
  sent.qos = 2;
  EXPECT_EQ(scene_.judge(sent).why, Refusal::qos2);
  scene_.rule.qos2 = true;
  sent = scene_.send(scene_.next());
  sent.qos = 2;
  EXPECT_EQ(scene_.judge(sent).why, Refusal::none);
  for (const std::uint8_t qos : {std::uint8_t{0}, std::uint8_t{1}}) {
    sent = scene_.send(scene_.next());
    sent.qos = qos;
    EXPECT_EQ(scene_.judge(sent).why, Refusal::none);
  }
}

TEST_F(GateRule, ScoresMoveWithWhatIsEvaluated) {
  scene_.rule.evaluator = &scene_.digits;
  EXPECT_EQ(reading("21.5").why, Refusal::none);
  EXPECT_EQ(scene_.sender.reputation.score, 11);
  const Verdict out = reading("nonsense");
  EXPECT_EQ(out.why, Refusal::out_of_range);
  EXPECT_FALSE(out.deliver);
  EXPECT_EQ(scene_.sender.reputation.score, 10);
  EXPECT_EQ(reading("").why, Refusal::none) << "no opinion";
  EXPECT_EQ(scene_.sender.reputation.score, 10);
  EXPECT_EQ(scene_.session.messages, 2U);
}

TEST_F(GateRule, OutOfRangeIsDeliveredWhereTheRuleSaysSo) {
  scene_.rule.evaluator = &scene_.digits;
  scene_.rule.deliver_out_of_range = true;
  const Sent sent = scene_.send(scene_.next(), "nonsense");
  const Verdict out = scene_.judge(sent);
  EXPECT_EQ(out.why, Refusal::out_of_range);
  EXPECT_TRUE(out.deliver);
  EXPECT_EQ(text_of(out.payload), "nonsense");
  EXPECT_EQ(scene_.sender.reputation.score, 9);
  EXPECT_TRUE(scene_.session.accepted.holds(scene_.seq));
  EXPECT_EQ(scene_.judge(sent).why, Refusal::duplicate);
  EXPECT_EQ(scene_.sender.reputation.score, 9);
}

TEST_F(GateRule, TheSealedPayloadIsWhatIsEvaluated) {
  scene_.rule.evaluator = &scene_.digits;
  EXPECT_EQ(scene_.judge(scene_.send(scene_.next(kSealed), "21.5")).why, Refusal::none);
  EXPECT_EQ(scene_.judge(scene_.send(scene_.next(kSealed), "x")).why, Refusal::out_of_range);
}

TEST_F(GateRule, NonsenseLeadsFromAuth3ToEnforcementAndFromAuth2ToExpulsion) {
  scene_.rule.evaluator = &scene_.digits;
  Verdict verdict;
  for (int i = 0; i < 11; ++i) {
    verdict = reading("1");
  }
  EXPECT_EQ(verdict.change, Change::raised);
  EXPECT_EQ(scene_.sender.reputation, (Reputation{Level::auth3, 21}));
  for (int i = 0; i < 18; ++i) {
    ASSERT_EQ(reading("x").change, Change::none);
  }
  verdict = reading("x");
  EXPECT_EQ(verdict.change, Change::fell);
  EXPECT_TRUE(verdict.enforce);
  EXPECT_EQ(scene_.sender.reputation, (Reputation{Level::auth2, 2}));
  verdict = reading("x");
  EXPECT_EQ(verdict.change, Change::expelled);
  EXPECT_FALSE(verdict.enforce);
  EXPECT_EQ(scene_.sender.reputation.level, Level::auth0);
  EXPECT_EQ(reading("1").why, Refusal::denied);
}

TEST_F(GateRule, ObservingTouchesNobodysScore) {
  scene_.rule.evaluator = &scene_.digits;
  scene_.rule.mode = Mode::observe;
  for (int i = 0; i < 30; ++i) {
    const Verdict verdict = reading("nonsense");
    ASSERT_EQ(verdict.why, Refusal::out_of_range);
    ASSERT_EQ(verdict.change, Change::none);
    ASSERT_FALSE(verdict.enforce);
  }
  EXPECT_EQ(scene_.sender.reputation, (Reputation{Level::auth2, kInitialScore}));
  EXPECT_EQ(judged(0), Refusal::none);
}

TEST_F(GateRule, ObservingDemandsNoEnforcement) {
  scene_.rule.mode = Mode::observe;
  scene_.limits.enforce_after_messages = 3;
  for (int i = 0; i < 5; ++i) {
    const Verdict verdict = reading("1");
    ASSERT_EQ(verdict.why, Refusal::none);
    ASSERT_FALSE(verdict.enforce);
  }
  scene_.rule.mode = Mode::enforce;
  EXPECT_TRUE(reading("1").enforce);
}

TEST_F(GateRule, SaysOnlyWhenTheScoreIsAnother) {
  scene_.rule.evaluator = &scene_.digits;
  for (int i = kInitialScore; i < kMaxScore; ++i) {
    ASSERT_TRUE(reading("1").rescored);
  }
  EXPECT_FALSE(reading("1").rescored);
  EXPECT_TRUE(reading("x").rescored);
}

TEST_F(GateRule, WhatTheRuleRefusesIsNotEvaluated) {
  scene_.rule.evaluator = &scene_.digits;
  Sent sent = scene_.send(scene_.next(), "nonsense");
  sent.permitted = false;
  EXPECT_EQ(scene_.judge(sent).why, Refusal::denied);
  EXPECT_EQ(scene_.sender.reputation.score, kInitialScore);
}

}  // namespace
}  // namespace countersign::test
