#include <gtest/gtest.h>

#include <functional>

#include "unit/protocol/gate_scene.hpp"

namespace countersign::test {
namespace {

/// One thing that can be wrong with a publish, in the order in which the gate must find it.
struct Flaw {
  Refusal why;
  std::function<void(GateScene&, Header&)> before;  ///< before the device signs
  std::function<void(GateScene&, Sent&)> after;     ///< after it
};

const auto kNoHeader = [](GateScene&, Header&) {};
const auto kNoSent = [](GateScene&, Sent&) {};

/// Found before the tag: nothing may change.
const std::vector<Flaw> kClaims{
    {Refusal::unsigned_, kNoHeader, [](GateScene&, Sent& s) { s.payload[0] = std::byte{'2'}; }},
    {Refusal::malformed, kNoHeader, [](GateScene&, Sent& s) { s.payload.resize(10); }},
    {Refusal::unknown_kid, kNoHeader, [](GateScene&, Sent& s) { s.payload[1] = std::byte{6}; }},
    {Refusal::bad_tag, kNoHeader, [](GateScene&, Sent& s) { s.payload.back() ^= std::byte{1}; }},
};

/// Found after it, in this order. Both parts of a publish that has several are applied.
const std::vector<Flaw> kFacts{
    {Refusal::disabled, [](GateScene& g, Header&) { g.sender.disabled = true; }, kNoSent},
    {Refusal::blocked, [](GateScene& g, Header&) { g.sender.blocked = true; }, kNoSent},
    {Refusal::cloned, [](GateScene& g, Header&) { g.sender.cloned = true; }, kNoSent},
    {Refusal::expelled, [](GateScene& g, Header&) { g.sender.expelled_until = g.now + 1; },
     kNoSent},
    {Refusal::expired, [](GateScene& g, Header&) { g.session.over = true; }, kNoSent},
    {Refusal::enforcement, [](GateScene& g, Header&) { g.sender.enforcement_deadline = g.now + 1; },
     kNoSent},
    {Refusal::denied, kNoHeader, [](GateScene&, Sent& s) { s.permitted = false; }},
    {Refusal::not_sealed, [](GateScene& g, Header&) { g.rule.sealed = true; }, kNoSent},
    {Refusal::card_required, [](GateScene& g, Header&) { g.rule.card_required = true; }, kNoSent},
    {Refusal::qos2, kNoHeader, [](GateScene&, Sent& s) { s.qos = 2; }},
    {Refusal::retain, kNoHeader, [](GateScene&, Sent& s) { s.retain = true; }},
};

TEST(GateOrder, FindsTheFirstOfTwoFlaws) {
  std::vector<Flaw> all = kClaims;
  all.insert(all.end(), kFacts.begin(), kFacts.end());
  for (std::size_t first = 0; first < all.size(); ++first) {
    for (std::size_t second = first; second < all.size(); ++second) {
      GateScene scene;
      Header header = scene.next();
      all[second].before(scene, header);
      all[first].before(scene, header);
      Sent sent = scene.send(header);
      all[second].after(scene, sent);
      if (second != first) {
        all[first].after(scene, sent);
      }
      const auto before = scene.state();
      const Verdict verdict = scene.judge(sent);
      ASSERT_EQ(verdict.why, all[first].why)
          << name_of(verdict.why) << ", not " << name_of(all[first].why) << ", also "
          << name_of(all[second].why);
      ASSERT_FALSE(verdict.deliver);
      const bool proven = first >= kClaims.size();
      ASSERT_EQ(verdict.proven, proven);
      ASSERT_EQ(scene.state() == before, !proven);
      ASSERT_EQ(scene.session.messages, 0U);
    }
  }
}

TEST(GateOrder, ClaimsBeforeSenders) {
  GateScene scene;
  Sent good = scene.send(scene.next());
  const auto judged = [&](const Sent& sent) {
    return judge(scene.real, scene.limits, scene.rule, nullptr, sent.view(), scene.now, {}).why;
  };
  EXPECT_EQ(judged(good), Refusal::unknown_sender);
  good.payload.resize(5);
  EXPECT_EQ(judged(good), Refusal::malformed);
  good.payload.clear();
  EXPECT_EQ(judged(good), Refusal::unsigned_);
}

TEST(GateOrder, AFlawDoesNotLastBeyondItsMessage) {
  for (const Flaw& flaw : kFacts) {
    GateScene scene;
    Header header = scene.next();
    const Sender sender = scene.sender;
    const Rule rule = scene.rule;
    flaw.before(scene, header);
    Sent sent = scene.send(header);
    flaw.after(scene, sent);
    EXPECT_EQ(scene.judge(sent).why, flaw.why);
    scene.sender = sender;
    scene.rule = rule;
    scene.session.over = false;
    EXPECT_EQ(scene.judge(scene.send(scene.next())).why, Refusal::none) << name_of(flaw.why);
  }
}

TEST(GateOrder, ARefusedMessageKeepsItsRefusalWhenSentAgain) {
  for (const Flaw& flaw : kFacts) {
    GateScene scene;
    Header header = scene.next();
    const Sender sender = scene.sender;
    const Rule rule = scene.rule;
    flaw.before(scene, header);
    Sent sent = scene.send(header);
    flaw.after(scene, sent);
    ASSERT_EQ(scene.judge(sent).why, flaw.why);
    scene.sender = sender;
    scene.rule = rule;
    scene.session.over = false;
    const auto before = scene.state();
    const Verdict again = scene.judge(sent);
    EXPECT_EQ(again.why, flaw.why);
    EXPECT_TRUE(again.retransmission);
    EXPECT_FALSE(again.deliver);
    EXPECT_EQ(scene.state(), before);
  }
}

TEST(GateOrder, AnExpulsionEndsByItself) {
  GateScene scene;
  scene.sender.expelled_until = scene.now;
  EXPECT_EQ(scene.judge(scene.send(scene.next())).why, Refusal::none);
  scene.sender.expelled_until = scene.now + 1;
  EXPECT_EQ(scene.judge(scene.send(scene.next())).why, Refusal::expelled);
}

TEST(GateOrder, TheRightSessionIsFoundByItsKid) {
  GateScene scene;
  GateScene other;
  other.session.kid = 6;
  other.session.next = &scene.session;
  scene.sender.sessions = &other.session;
  EXPECT_EQ(scene.judge(scene.send(scene.next())).session, &scene.session);
  Header header = scene.next();
  header.kid = 6;
  EXPECT_EQ(scene.judge(other.send(header)).session, &other.session);
  header.kid = 7;
  EXPECT_EQ(scene.judge(scene.send(header)).why, Refusal::unknown_kid);
}

}  // namespace
}  // namespace countersign::test
