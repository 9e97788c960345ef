#include <gtest/gtest.h>

#include "unit/protocol/gate_scene.hpp"

namespace countersign::test {
namespace {

class GateSession : public testing::Test {
 protected:
  Verdict judged(std::uint8_t flags = 0) { return scene_.judge(scene_.send(scene_.next(flags))); }

  GateScene scene_;
};

TEST_F(GateSession, EnforcementIsDueAfterSoManyMessages) {
  scene_.limits.enforce_after_messages = 5;
  scene_.accept(5);
  const Verdict verdict = judged();
  EXPECT_EQ(verdict.why, Refusal::enforcement);
  EXPECT_TRUE(verdict.enforce);
  EXPECT_FALSE(verdict.deliver);
  // the deadline is the caller's to set; while it stands nothing passes and none is asked for again
  scene_.sender.enforcement_deadline = scene_.now + 1;
  const Verdict next = judged();
  EXPECT_EQ(next.why, Refusal::enforcement);
  EXPECT_FALSE(next.enforce);
}

TEST_F(GateSession, RefusedMessagesDoNotCountTowardsEnforcement) {
  scene_.limits.enforce_after_messages = 3;
  for (int i = 0; i < 10; ++i) {
    Sent sent = scene_.send(scene_.next());
    sent.permitted = false;
    ASSERT_EQ(scene_.judge(sent).why, Refusal::denied);
  }
  scene_.accept(3);
  EXPECT_TRUE(judged().enforce);
}

TEST_F(GateSession, EnforcementIsDueAfterSoLong) {
  scene_.limits.enforce_after = 5000;
  scene_.now += 4999;
  EXPECT_EQ(judged().why, Refusal::none);
  scene_.now += 1;
  const Verdict verdict = judged();
  EXPECT_EQ(verdict.why, Refusal::enforcement);
  EXPECT_TRUE(verdict.enforce);
}

TEST_F(GateSession, EnforcementComesEarlyEnoughToEndBeforeTheSession) {
  scene_.now += scene_.limits.max_age - scene_.limits.enforcement_time - 1;
  EXPECT_EQ(judged().why, Refusal::none);
  scene_.now += 1;
  EXPECT_EQ(judged().why, Refusal::enforcement);
}

TEST_F(GateSession, AnOldSessionIsExpired) {
  scene_.now += scene_.limits.max_age - 1;
  EXPECT_EQ(judged().why, Refusal::enforcement);
  scene_.now += 1;
  const Verdict verdict = judged();
  EXPECT_EQ(verdict.why, Refusal::expired);
  EXPECT_FALSE(verdict.enforce);
}

TEST_F(GateSession, SoManySealedMessagesAreEnough) {
  scene_.limits.max_sealed = 3;
  scene_.accept(3, kSealed);
  scene_.accept(2);
  EXPECT_EQ(judged(kSealed).why, Refusal::expired);
  EXPECT_EQ(judged().why, Refusal::expired);
}

TEST_F(GateSession, ASessionThatIsOverAnswersExpired) {
  const Sent before = scene_.send(scene_.next());
  ASSERT_EQ(scene_.judge(before).why, Refusal::none);
  scene_.session.over = true;
  EXPECT_EQ(judged().why, Refusal::expired);
  EXPECT_EQ(scene_.judge(before).why, Refusal::duplicate);
}

TEST_F(GateSession, TheSameNumberWithAnotherTagIsForked) {
  const Header header = scene_.next();
  ASSERT_EQ(scene_.judge(scene_.send(header, "21.5")).why, Refusal::none);
  const auto before = scene_.state();
  const Verdict verdict = scene_.judge(scene_.send(header, "99.9"));
  EXPECT_EQ(verdict.why, Refusal::forked);
  EXPECT_TRUE(verdict.proven);
  EXPECT_FALSE(verdict.retransmission || verdict.deliver);
  EXPECT_EQ(scene_.state(), before);
}

TEST_F(GateSession, ARepetitionOfLongAgoIsReplayedThenStale) {
  const Sent old = scene_.send(scene_.next());
  ASSERT_EQ(scene_.judge(old).why, Refusal::none);
  scene_.accept(31);
  EXPECT_EQ(scene_.judge(old).why, Refusal::duplicate);
  scene_.accept(1);
  EXPECT_EQ(scene_.judge(old).why, Refusal::replayed);
  scene_.accept(32);
  EXPECT_EQ(scene_.judge(old).why, Refusal::replayed);
  scene_.accept(1);
  const Verdict stale = scene_.judge(old);
  EXPECT_EQ(stale.why, Refusal::stale);
  EXPECT_FALSE(stale.retransmission);
}

TEST_F(GateSession, LateMessagesAreTakenAndDoNotForkLaterOnes) {
  const Sent late = scene_.send(scene_.next());
  scene_.accept(31);
  const Sent newest = scene_.send(scene_.next());
  ASSERT_EQ(scene_.judge(newest).why, Refusal::none);
  EXPECT_EQ(scene_.judge(late).why, Refusal::none);
  EXPECT_EQ(scene_.judge(newest).why, Refusal::duplicate);
}

TEST_F(GateSession, NoReplayMovesAScoreOrACounter) {
  scene_.rule.evaluator = &scene_.digits;
  scene_.rule.deliver_out_of_range = true;
  std::vector<Sent> all;
  for (int i = 0; i < 60; ++i) {
    all.push_back(scene_.send(scene_.next(i % 3 == 0 ? kOnCardTag : 0), i % 2 == 0 ? "1" : "x"));
    scene_.judge(all.back());
  }
  const auto before = scene_.state();
  for (int round = 0; round < 3; ++round) {
    for (const Sent& sent : all) {
      const Verdict verdict = scene_.judge(sent);
      ASSERT_NE(verdict.why, Refusal::none);
      ASSERT_FALSE(verdict.deliver || verdict.enforce);
    }
  }
  EXPECT_EQ(scene_.state(), before);
}

TEST_F(GateSession, TheLastNumberIsTaken) {
  scene_.seq = kMaxSeq - 1;
  EXPECT_EQ(judged().why, Refusal::none);
  EXPECT_TRUE(scene_.session.accepted.holds(kMaxSeq));
}

TEST_F(GateSession, ACardsCounterOnlyRises) {
  Header header = scene_.next(kOnCardTag);
  header.card_counter = 10;
  EXPECT_EQ(scene_.judge(scene_.send(header)).why, Refusal::none);
  EXPECT_EQ(scene_.sender.card_counter, 10U);
  for (const std::uint32_t counter : {10U, 9U, 0U}) {
    header = scene_.next(kOnCardTag);
    header.card_counter = counter;
    const Sent sent = scene_.send(header);
    EXPECT_EQ(scene_.judge(sent).why, Refusal::stale) << counter;
    EXPECT_EQ(scene_.judge(sent).why, Refusal::stale) << "again";
  }
  header = scene_.next(kOnCardTag);
  header.card_counter = 0xFFFFFFFF;
  EXPECT_EQ(scene_.judge(scene_.send(header)).why, Refusal::none);
  EXPECT_EQ(scene_.sender.card_counter, 0xFFFFFFFFU);
}

TEST_F(GateSession, ACounterIsSpentByARefusedMessageToo) {
  scene_.rule.sealed = true;
  Header header = scene_.next(kOnCardTag);
  header.card_counter = 7;
  EXPECT_EQ(scene_.judge(scene_.send(header)).why, Refusal::not_sealed);
  EXPECT_EQ(scene_.sender.card_counter, 7U);
}

TEST_F(GateSession, WithoutACardKeyNoCardsTagIsRight) {
  const Sent sent = scene_.send(scene_.next(kOnCardTag));
  scene_.sender.card_key = nullptr;
  EXPECT_EQ(scene_.judge(sent).why, Refusal::bad_tag);
}

TEST_F(GateSession, WhatTheOwnerForgotToLendRefuses) {
  const Sent plain = scene_.send(scene_.next());
  scene_.session.up_mac = nullptr;
  EXPECT_EQ(scene_.judge(plain).why, Refusal::internal);
  scene_.session.up_mac = &scene_.up_mac;
  const Sent sealed = scene_.send(scene_.next(kSealed));
  Bytes<3> room;
  EXPECT_EQ(judge(scene_.real, scene_.limits, scene_.rule, &scene_.sender, sealed.view(),
                  scene_.now, room)
                .why,
            Refusal::internal);
  scene_.session.window = {};
  EXPECT_EQ(scene_.judge(plain).why, Refusal::internal);
}

TEST(Session, StartsEmpty) {
  openssl::OpenSslCrypto crypto;
  Agreement agreement;
  agreement.kid = 9;
  Session session;
  DirectionKey up;
  ASSERT_TRUE(open_session(crypto, agreement, 77, session, up));
  EXPECT_EQ(session.kid, 9U);
  EXPECT_EQ(session.created, 77);
  EXPECT_EQ(session.messages + session.sealed_messages + session.down_seq + session.resume_n, 0U);
  EXPECT_EQ(session.accepted.edge, 0U);
  EXPECT_FALSE(session.over);
  EXPECT_TRUE(same_tag(session.up.enc.bytes(), up.enc.bytes()));
}

}  // namespace
}  // namespace countersign::test
