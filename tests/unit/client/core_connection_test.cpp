#include <gtest/gtest.h>

#include "unit/client/core_scene.hpp"

namespace countersign::client {
namespace {

using test::CoreScene;

TEST(Connection, IsResumedAfterALossWithRisingN) {
  CoreScene scene;
  scene.log_in(7);
  std::uint32_t last = 0;
  for (int i = 0; i < 3; ++i) {
    scene.tell(Lost{"cable"});
    scene.pass(5'000);
    EXPECT_TRUE(scene.client_id().starts_with("mote-3~"));
    const auto proof = parse_resume_proof(scene.link.opens.back().password);
    ASSERT_TRUE(proof);
    EXPECT_GT(proof->n, last);
    last = proof->n;
    scene.tell(Opened{});
    EXPECT_EQ(scene.core->state(), State::online);
  }
  EXPECT_EQ(scene.key.epoch, 1U);
}

TEST(Connection, WaitsARandomTimeBeforeItShakesHandsAnewForAForgottenSession) {
  for (const int code : {4, 5, 0x86, 0x87}) {
    CoreScene scene;
    scene.log_in();
    scene.tell(Lost{"broker restarted"});
    scene.pass(5'000);
    scene.tell(OpenFailed{code, "refused"});
    const std::size_t opens = scene.link.opens.size();
    Millis waited = 0;
    while (scene.link.opens.size() == opens && waited <= 31'000) {
      scene.pass(100);
      waited += 100;
    }
    EXPECT_GT(waited, 100) << "a fleet does not come at once";
    EXPECT_LE(waited, 30'100);
    EXPECT_TRUE(is_stranger(scene.client_id())) << code;
  }
}

TEST(Connection, TriesProofsAndHandshakesInTurnWhenNobodyAnswers) {
  CoreScene scene;
  scene.log_in();
  scene.tell(Lost{"cable"});
  std::vector<bool> strangers;
  for (int i = 0; i < 4; ++i) {
    scene.pass(60'000);
    strangers.push_back(is_stranger(scene.client_id()));
    scene.tell(OpenFailed{0, "no answer"});
  }
  EXPECT_EQ(strangers, (std::vector<bool>{false, false, true, false}));
}

TEST(Connection, StaysClosedIfThatIsWanted) {
  Options options;
  options.reconnect = false;
  CoreScene scene{options};
  scene.log_in();
  scene.publish("x");
  scene.tell(Lost{"cable"});
  scene.pass(60'000);
  EXPECT_EQ(scene.link.opens.size(), 1U);
  ASSERT_EQ(scene.published.size(), 1U);
  EXPECT_EQ(scene.published[0].why().fault, Fault::network);
}

TEST(Enforcement, IsAnsweredAtOnceInTheSessionAndTheMessageGoesOutAgain) {
  CoreScene scene;
  scene.log_in(1);
  scene.publish("x");
  scene.tell(Acked{scene.link.sent.back().first, 0x87});
  scene.notice(Refusal::enforcement, scene.last_header().seq);
  EXPECT_EQ(scene.core->state(), State::handshaking);
  EXPECT_EQ(scene.key.epoch, 2U);
  scene.publish("y");
  EXPECT_EQ(scene.last_header().kid, 1) << "what comes meanwhile waits";
  scene.shake_hands(2);
  EXPECT_EQ(scene.link.opens.size(), 1U) << "on the same connection";
  EXPECT_EQ(scene.last_header().kid, 2);
  for (std::size_t i = scene.link.sent.size() - 2; i < scene.link.sent.size(); ++i) {
    scene.tell(Acked{scene.link.sent[i].first, 0});
  }
  ASSERT_EQ(scene.published.size(), 2U);
  EXPECT_TRUE(scene.published[0]);
  EXPECT_EQ(scene.published[0]->attempts, 2);
}

TEST(NewSession, AsksFirstWhatBecameOfTheOldOnesMessages) {
  CoreScene scene;
  scene.log_in(1);
  scene.publish("a");
  const std::uint32_t first = scene.last_header().seq;
  scene.publish("b");
  scene.tell(Lost{"kill -9"});
  scene.pass(5'000);
  scene.tell(OpenFailed{5, "refused"});
  scene.pass(31'000);
  scene.tell(Opened{});
  const std::size_t before = scene.link.sent.size();
  scene.shake_hands(2);
  const auto request = parse_envelope(scene.link.sent.back().second.payload);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->header.kid, 2);
  EXPECT_EQ(*parse_receipt_request(request->body), 1) << "it names the old kid";
  EXPECT_EQ(scene.last_header().kid, 1) << "nothing is sent before the answer";
  scene.receipt(1, {first});
  ASSERT_EQ(scene.published.size(), 1U);
  EXPECT_TRUE(scene.published[0]->accepted);
  EXPECT_EQ(scene.last_header().kid, 2) << "only the other one is signed anew";
  EXPECT_GT(scene.link.sent.size(), before);
}

TEST(Hint, StartsAHandshakeLaterAndEverMoreRarely) {
  CoreScene scene;
  scene.log_in(1);
  std::vector<Millis> moments;
  for (Millis passed = 0; passed < 600'000; passed += 500) {
    const std::uint32_t before = scene.key.epoch;
    scene.hint(Refusal::unknown_kid);
    scene.pass(500);
    if (scene.key.epoch != before) {
      moments.push_back(passed);
      scene.shake_hands(static_cast<std::uint16_t>(scene.key.epoch));
    }
  }
  ASSERT_GE(moments.size(), 3U);
  EXPECT_LT(moments.size(), 40U) << "somebody who sends hints all day gets few handshakes";
  EXPECT_LE(moments[0], 31'000);
}

TEST(Hint, ChangesNothingByItself) {
  CoreScene scene;
  scene.log_in(1);
  scene.publish("x");
  for (const Refusal why : {Refusal::blocked, Refusal::denied, Refusal::duplicate}) {
    scene.hint(why);
  }
  scene.pass(60'000);
  EXPECT_EQ(scene.key.epoch, 1U);
  EXPECT_EQ(scene.core->session()->kid, 1);
}

TEST(Notice, IsBelievedOnlyIfItVerifiesAndOnlyOnce) {
  CoreScene scene;
  scene.log_in(1);
  scene.publish("x");
  Bytes<kMaxNoticeBytes> room;
  Writer out{room};
  write_notice({Refusal::duplicate, scene.last_header().seq}, out);
  const auto wire = scene.sign(out.written());
  scene.arrive(notice_topic("mote-9"), wire);
  scene.arrive(notice_topic(scene.client_id()), countersign::test::flipped(wire, 77));
  EXPECT_TRUE(scene.published.empty());
  scene.arrive(notice_topic(scene.client_id()), wire);
  EXPECT_EQ(scene.published.size(), 1U);
}

TEST(Notice, IsNotEvenLookedAtAfterEightBadTagsInASecond) {
  CoreScene scene;
  scene.log_in(1);
  scene.publish("x");
  Bytes<kMaxNoticeBytes> room;
  Writer out{room};
  write_notice({Refusal::duplicate, scene.last_header().seq}, out);
  const auto wire = scene.sign(out.written());
  for (int i = 0; i < 8; ++i) {
    scene.arrive(notice_topic(scene.client_id()), countersign::test::flipped(wire, 99));
  }
  scene.arrive(notice_topic(scene.client_id()), wire);
  EXPECT_TRUE(scene.published.empty());
  scene.pass(1'000);
  scene.arrive(notice_topic(scene.client_id()), wire);
  EXPECT_EQ(scene.published.size(), 1U);
}

TEST(Core, GivesEveryMessageAnEndWhenItIsClosed) {
  CoreScene scene;
  scene.log_in(1);
  for (int i = 0; i < 50; ++i) {
    scene.publish("x");
  }
  scene.core->close();
  EXPECT_EQ(scene.published.size(), 50U);
  scene.publish("late");
  EXPECT_EQ(scene.published.size(), 51U);
  EXPECT_EQ(scene.core->state(), State::closed);
}

}  // namespace
}  // namespace countersign::client
