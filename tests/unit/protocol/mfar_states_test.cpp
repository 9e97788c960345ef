#include <gtest/gtest.h>

#include "unit/protocol/mfar_scene.hpp"

namespace countersign::test {
namespace {

class MfarStates : public testing::TestWithParam<Suite> {
 protected:
  [[nodiscard]] MfarScene scene() const { return MfarScene{GetParam(), crypto_}; }
  [[nodiscard]] MfarScene asked() const {
    MfarScene made = scene();
    EXPECT_EQ(made.make_question(), Refusal::none);
    EXPECT_EQ(made.take_question(made.q), Refusal::none);
    return made;
  }

  openssl::OpenSslCrypto crypto_;
};

TEST_P(MfarStates, BothSidesAgree) {
  MfarScene s = scene();
  ASSERT_EQ(s.run(), Refusal::none);
  EXPECT_TRUE(s.agree());
  EXPECT_EQ(s.device.agreement().kid, 300);
  EXPECT_EQ(s.received.kid, 4);
  EXPECT_EQ(s.received.accepted.edge, 95);
}

TEST_P(MfarStates, NoBitOfAnAnswerMayChange) {
  const MfarScene before = asked();
  for (std::size_t bit = 0; bit < before.a.size() * 8; ++bit) {
    MfarScene s = before;
    EXPECT_NE(s.take_answer(flipped(before.a, bit)), Refusal::none) << bit;
    EXPECT_FALSE(s.server.accepted());
    EXPECT_EQ(s.server.finish(crypto_, {}).why(), Refusal::internal);
  }
}

TEST_P(MfarStates, NoBitOfAQuestionMayChange) {
  MfarScene before = scene();
  ASSERT_EQ(before.make_question(), Refusal::none);
  for (std::size_t bit = 0; bit < before.q.size() * 8; ++bit) {
    MfarScene s = before;
    // q is not signed: the device may answer, but T does not take the answer
    if (s.take_question(flipped(before.q, bit)) == Refusal::none) {
      EXPECT_EQ(s.take_answer(s.a), Refusal::bad_handshake) << bit;
    }
  }
}

TEST_P(MfarStates, NoBitOfFinishedMayChange) {
  MfarScene s = asked();
  ASSERT_EQ(s.take_answer(s.a), Refusal::none);
  ASSERT_EQ(s.make_finished(), Refusal::none);
  for (std::size_t bit = 0; bit < s.finished.size() * 8; ++bit) {
    EXPECT_NE(s.take_finished(flipped(s.finished, bit)), Refusal::none) << bit;
  }
  EXPECT_EQ(s.take_finished(s.finished), Refusal::none);
}

TEST_P(MfarStates, HaveOneLengthForEachMessage) {
  MfarScene s = asked();
  for (std::size_t size = 0; size < s.q.size(); ++size) {
    EXPECT_EQ(parse_question(ByteView{s.q}.first(size)).why(), Refusal::malformed) << size;
  }
  for (std::size_t size = 0; size < s.a.size(); ++size) {
    EXPECT_EQ(s.take_answer(ByteView{s.a}.first(size)), Refusal::malformed) << size;
  }
  EXPECT_EQ(s.take_answer(s.a), Refusal::none);
}

TEST_P(MfarStates, TheSameAgainGivesTheSame) {
  MfarScene s = asked();
  const Octets q = s.q;
  const Octets a = s.a;
  EXPECT_EQ(s.make_question(), Refusal::none);
  EXPECT_EQ(s.take_question(q), Refusal::none);
  EXPECT_EQ(s.q, q);
  EXPECT_EQ(s.a, a);
  ASSERT_EQ(s.take_answer(a), Refusal::none);
  ASSERT_EQ(s.make_finished(), Refusal::none);
  const Octets finished = s.finished;
  EXPECT_EQ(s.take_answer(a), Refusal::none);
  s.receipt.kid = 5;
  EXPECT_EQ(s.make_finished(), Refusal::none);
  EXPECT_EQ(s.finished, finished);
}

TEST_P(MfarStates, AnotherAnswerAfterTheRightOneChangesNothing) {
  MfarScene s = asked();
  const Octets right = s.a;
  MfarInitiator copy;
  const auto other = copy.answer(crypto_, s.random, s.k_reg, s.fields, s.suite, s.q);
  ASSERT_TRUE(other);
  ASSERT_EQ(s.take_answer(right), Refusal::none);
  EXPECT_EQ(s.take_answer(*other), Refusal::bad_handshake);
  EXPECT_EQ(s.take_answer(flipped(right, 300)), Refusal::bad_handshake);
  EXPECT_FALSE(s.server.spent());
  ASSERT_EQ(s.make_finished(), Refusal::none);
  EXPECT_EQ(s.take_finished(s.finished), Refusal::none);
  EXPECT_TRUE(s.agree());
}

TEST_P(MfarStates, AWrongAnswerSpendsTheQuestion) {
  MfarScene s = asked();
  EXPECT_EQ(s.take_answer(flipped(s.a, 300)), Refusal::bad_handshake);
  EXPECT_TRUE(s.server.spent());
  EXPECT_EQ(s.take_answer(s.a), Refusal::bad_handshake);
  EXPECT_FALSE(s.server.accepted());
  EXPECT_EQ(s.make_finished(), Refusal::internal);
}

TEST_P(MfarStates, AnotherQuestionNeedsAnotherPair) {
  MfarScene s = asked();
  MfarScene other = scene();
  other.auth_code[0] = std::byte{1};
  ASSERT_EQ(other.make_question(), Refusal::none);
  EXPECT_EQ(s.take_question(other.q), Refusal::bad_handshake);
  EXPECT_EQ(s.take_answer(s.a), Refusal::none);
}

TEST_P(MfarStates, TheAnswerNeedsKeyAndData) {
  const MfarScene s = asked();
  MfarScene keyless = s;
  keyless.k_reg = Key32{};
  EXPECT_EQ(keyless.take_answer(s.a), Refusal::bad_handshake);
  for (const std::string_view serial : {"SN-0O42-beef", "short", ""}) {
    MfarScene other = s;
    other.fields[1].value = bytes_of(serial);
    EXPECT_EQ(other.take_answer(s.a), Refusal::bad_handshake) << serial;
    EXPECT_TRUE(other.server.spent());
  }
}

TEST_P(MfarStates, TheDeviceKeepsSilentInASuiteThatItsPolicyForbids) {
  MfarScene s = scene();
  ASSERT_EQ(s.make_question(), Refusal::none);
  s.suite = s.suite == Suite::x25519 ? Suite::symmetric : Suite::x25519;
  EXPECT_EQ(s.take_question(s.q), Refusal::bad_handshake);
  EXPECT_FALSE(s.device.answered());
}

TEST_P(MfarStates, NothingComesBeforeItsTurn) {
  MfarScene s = scene();
  EXPECT_EQ(s.take_answer(Octets(kAnswerBytes, std::byte{kAnswerMark})), Refusal::bad_handshake);
  EXPECT_EQ(s.make_finished(), Refusal::internal);
  EXPECT_EQ(s.take_finished(Octets(kFinishedBytes, std::byte{kFinishedMark})),
            Refusal::bad_handshake);
  ASSERT_EQ(s.run(), Refusal::none);
  EXPECT_EQ(s.take_finished(s.finished), Refusal::bad_handshake);
}

TEST_P(MfarStates, TAsksOnlyWhatADeviceTakes) {
  for (const std::string_view query : {"", "a b", "serial;slice(1,0)", "serial;"}) {
    MfarScene s = scene();
    s.query = query;
    EXPECT_EQ(s.make_question(), Refusal::internal) << query;
  }
  for (const std::uint16_t kid : {std::uint16_t{0}, std::uint16_t{kMaxKid + 1}}) {
    MfarScene s = scene();
    const auto q = s.server.ask(crypto_, s.random, s.suite, s.auth_code, kid, s.query);
    EXPECT_EQ(q.why(), Refusal::internal) << kid;
  }
}

TEST_P(MfarStates, WithoutEntropyThereIsNeitherQuestionNorAnswer) {
  MfarScene s = scene();
  ScriptedRandom none;
  EXPECT_EQ(s.server.ask(crypto_, none, s.suite, s.auth_code, 300, s.query).why(),
            Refusal::internal);
  ASSERT_EQ(s.make_question(), Refusal::none);
  EXPECT_EQ(s.device.answer(crypto_, none, s.k_reg, s.fields, s.suite, s.q).why(),
            Refusal::internal);
  EXPECT_EQ(s.run(), Refusal::none);
}

INSTANTIATE_TEST_SUITE_P(Suites, MfarStates, testing::Values(Suite::x25519, Suite::symmetric),
                         [](const auto& suite) {
                           return suite.param == Suite::x25519 ? "X25519" : "Symmetric";
                         });

}  // namespace
}  // namespace countersign::test
