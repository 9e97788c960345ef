#include <gtest/gtest.h>

#include "unit/protocol/gate_scene.hpp"

namespace countersign::test {
namespace {

class GateForms : public testing::TestWithParam<Form> {
 protected:
  /// Judges what was tampered with: refused, not proven, not delivered, and nothing has changed.
  void expect_untouched(const Sent& forged, const std::string& what) {
    const auto before = scene_.state();
    const Verdict verdict = scene_.judge(forged);
    ASSERT_TRUE(verdict.why == Refusal::bad_tag || verdict.why == Refusal::malformed ||
                verdict.why == Refusal::unsigned_ || verdict.why == Refusal::unknown_kid)
        << what << ": " << name_of(verdict.why);
    ASSERT_FALSE(verdict.deliver || verdict.proven || verdict.retransmission || verdict.enforce);
    ASSERT_EQ(verdict.session, nullptr);
    ASSERT_EQ(verdict.change, Change::none);
    ASSERT_EQ(scene_.state(), before) << what;
  }

  GateScene scene_;
};

INSTANTIATE_TEST_SUITE_P(All, GateForms, testing::ValuesIn(kForms),
                         [](const auto& form) { return form.param.name; });

TEST_P(GateForms, TakesWhatTheDeviceSealedAndDeliversThePayload) {
  for (const std::string_view reading : {"21.5", "7", "0123456789abcdef0123456789abcdef0"}) {
    const Sent sent = scene_.send(GetParam(), reading);
    const Verdict verdict = scene_.judge(sent);
    ASSERT_EQ(verdict.why, Refusal::none);
    EXPECT_TRUE(verdict.deliver && verdict.proven);
    EXPECT_FALSE(verdict.retransmission || verdict.enforce);
    EXPECT_EQ(text_of(verdict.payload), reading);
    EXPECT_EQ(verdict.session, &scene_.session);
    EXPECT_EQ(verdict.header.seq, scene_.seq);
    EXPECT_TRUE(scene_.session.accepted.holds(scene_.seq));
  }
  EXPECT_EQ(scene_.session.messages, 3U);
}

TEST_P(GateForms, RefusesEachFlippedBitAndChangesNothing) {
  scene_.rule.evaluator = &scene_.digits;
  scene_.accept(3);
  const Sent good = scene_.send(GetParam());
  for (std::size_t i = 0; i < good.payload.size() * 8; ++i) {
    Sent forged = good;
    forged.payload = flipped(good.payload, i);
    expect_untouched(forged, "payload bit " + std::to_string(i));
  }
  for (std::size_t i = 0; good.readable && i < good.property.size() * 8; ++i) {
    Sent forged = good;
    forged.property = flipped(good.property, i);
    expect_untouched(forged, "property bit " + std::to_string(i));
  }
  for (std::size_t i = 0; i < good.topic.size() * 8; ++i) {
    Sent forged = good;
    forged.topic = text_of(flipped(bytes_of(good.topic), i));
    expect_untouched(forged, "topic bit " + std::to_string(i));
  }
  const Verdict verdict = scene_.judge(good);
  EXPECT_EQ(verdict.why, Refusal::none) << "the right one is still taken";
  EXPECT_EQ(scene_.sender.reputation.score, kInitialScore + 4);
}

TEST_P(GateForms, RefusesWhatIsCutOrPadded) {
  const Sent good = scene_.send(GetParam());
  const bool readable = GetParam().readable;
  const Octets& whole = readable ? good.property : good.payload;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Sent forged = good;
    (readable ? forged.property : forged.payload).resize(size);
    expect_untouched(forged, std::to_string(size) + " bytes");
  }
  Sent longer = good;
  (readable ? longer.property : longer.payload).push_back(std::byte{0});
  expect_untouched(longer, "one byte more");
  EXPECT_EQ(scene_.judge(good).why, Refusal::none);
}

TEST_P(GateForms, RefusesAnotherContext) {
  const Sent good = scene_.send(GetParam());
  Sent moved = good;
  moved.topic = "plant/mote-4/t";
  expect_untouched(moved, "another topic");
  Sent propertied = good;
  propertied.props = from_hex("0101");
  expect_untouched(propertied, "properties added");
  Sent shifted = good;
  shifted.topic += "x";
  expect_untouched(shifted, "a longer topic");
  EXPECT_EQ(scene_.judge(good).why, Refusal::none);
}

TEST_P(GateForms, RefusesWhatAnotherSessionSigned) {
  const Sent good = scene_.send(GetParam());
  GateScene other;
  other.session.sk = Key32{Bytes<32>{std::byte{0x38}}};
  ASSERT_TRUE(derive(other.real, other.session.sk, Direction::up, other.up));
  const Sent forged = other.send(GetParam());
  expect_untouched(forged, "another key");
  EXPECT_EQ(scene_.judge(good).why, Refusal::none);
}

TEST_P(GateForms, RefusesWhatTheServerSignedItself) {
  if (GetParam().flags == kOnCardTag) {
    return;  // cards sign upwards alone
  }
  ASSERT_TRUE(derive(scene_.real, scene_.session.sk, Direction::down, scene_.up));
  const Sent reflected = scene_.send(GetParam());
  expect_untouched(reflected, "the other direction");
}

TEST_P(GateForms, AReplayIsNeitherDeliveredNorPenalised) {
  scene_.rule.evaluator = &scene_.digits;
  const Sent good = scene_.send(GetParam());
  ASSERT_TRUE(scene_.judge(good).deliver);
  const auto before = scene_.state();
  const Verdict again = scene_.judge(good);
  EXPECT_EQ(again.why, Refusal::duplicate);
  EXPECT_TRUE(again.retransmission && again.proven);
  EXPECT_FALSE(again.deliver);
  EXPECT_EQ(scene_.state(), before);
}

TEST(GateForgery, NoKindOfTagPassesForAnother) {
  GateScene scene;
  for (const Form& from : kForms) {
    for (unsigned flags = 0; flags < 16; ++flags) {
      Sent forged = scene.send(from);
      Octets& first = from.readable ? forged.property : forged.payload;
      if (static_cast<std::byte>(kEnvelopeMark | flags) == first[0]) {
        continue;
      }
      first[0] = static_cast<std::byte>(kEnvelopeMark | flags);
      forged.retain = (flags & kRetainIntent) != 0;
      const auto before = scene.state();
      const Verdict verdict = scene.judge(forged);
      EXPECT_TRUE(verdict.why == Refusal::malformed || verdict.why == Refusal::bad_tag)
          << from.name << " as " << flags << ": " << name_of(verdict.why);
      EXPECT_EQ(scene.state(), before);
    }
  }
}

TEST(GateForgery, AReadableOneIsNeverParsedAsAnEnvelope) {
  GateScene scene;
  const Sent inner = scene.send(kForms[0]);
  Sent outer = inner;
  outer.readable = true;
  EXPECT_EQ(scene.judge(outer).why, Refusal::malformed);
  EXPECT_EQ(scene.judge(inner).why, Refusal::none);
}

}  // namespace
}  // namespace countersign::test
