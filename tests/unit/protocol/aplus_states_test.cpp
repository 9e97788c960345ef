#include <gtest/gtest.h>

#include "unit/protocol/handshake_scene.hpp"

namespace countersign::test {
namespace {

class AplusStates : public testing::TestWithParam<Suite> {
 protected:
  openssl::OpenSslCrypto crypto_;
  HandshakeScene scene_{GetParam(), crypto_};
};

INSTANTIATE_TEST_SUITE_P(Suites, AplusStates, testing::Values(Suite::x25519, Suite::symmetric),
                         [](const auto& suite) {
                           return "Suite" + std::to_string(static_cast<unsigned>(suite.param));
                         });

/// Hands over everything that is not `message` but nearly: each bit flipped, cut short, one longer.
template <class Take>
void expect_all_refused(const Octets& message, Take take) {
  for (std::size_t i = 0; i < message.size() * 8; ++i) {
    ASSERT_NE(take(flipped(message, i)), Refusal::none) << "bit " << i;
  }
  for (std::size_t size = 0; size < message.size(); ++size) {
    ASSERT_EQ(take(ByteView{message}.first(size)), Refusal::malformed) << size << " bytes";
  }
  ASSERT_EQ(take(message + Octets(1)), Refusal::malformed);
}

TEST_P(AplusStates, NothingButTheRightMessagesIsTaken) {
  ASSERT_EQ(scene_.make_first(), Refusal::none);
  expect_all_refused(scene_.m1, [this](ByteView m) { return scene_.take_first(m); });
  ASSERT_EQ(scene_.take_first(scene_.m1), Refusal::none);

  ASSERT_EQ(scene_.make_second(), Refusal::none);
  expect_all_refused(scene_.m2, [this](ByteView m) { return scene_.take_second(m); });
  ASSERT_EQ(scene_.take_second(scene_.m2), Refusal::none);

  expect_all_refused(scene_.m3, [this](ByteView m) { return scene_.take_third(m); });
  EXPECT_FALSE(scene_.server.accepted());
  ASSERT_EQ(scene_.take_third(scene_.m3), Refusal::none);

  ASSERT_EQ(scene_.make_finished(), Refusal::none);
  expect_all_refused(scene_.finished, [this](ByteView m) { return scene_.take_finished(m); });
  ASSERT_EQ(scene_.take_finished(scene_.finished), Refusal::none);
  EXPECT_TRUE(scene_.agree());
  EXPECT_EQ(scene_.received.kid, 4U);
  EXPECT_EQ(scene_.received.accepted.bitmap, 0xff9fffffffffffefU);
}

TEST_P(AplusStates, OncePassedNothingElseIsTaken) {
  ASSERT_EQ(scene_.run(), Refusal::none);
  const Octets m3 = scene_.m3;
  expect_all_refused(scene_.m2, [this](ByteView m) { return scene_.take_second(m); });
  expect_all_refused(scene_.m3, [this](ByteView m) { return scene_.take_third(m); });
  EXPECT_TRUE(scene_.server.accepted());
  EXPECT_TRUE(scene_.agree());
}

TEST_P(AplusStates, TheSameMessageAgainGetsTheSameAnswer) {
  ASSERT_EQ(scene_.run(), Refusal::none);
  const Octets m2 = scene_.m2;
  const Octets m3 = scene_.m3;
  const Octets finished = scene_.finished;
  EXPECT_EQ(scene_.make_second(), Refusal::none);
  EXPECT_EQ(scene_.m2, m2);
  EXPECT_EQ(scene_.take_second(m2), Refusal::none);
  EXPECT_EQ(scene_.m3, m3);
  EXPECT_EQ(scene_.take_third(m3), Refusal::none);
  scene_.receipt = {};
  EXPECT_EQ(scene_.make_finished(), Refusal::none);
  EXPECT_EQ(scene_.finished, finished) << "a newer receipt must not make another finished";
  EXPECT_EQ(octets(scene_.server.second()), m2);
  EXPECT_EQ(octets(scene_.server.finished()), finished);
  EXPECT_EQ(octets(scene_.device.third()), m3);
  EXPECT_TRUE(scene_.agree());
}

TEST_P(AplusStates, FinishedIsTakenOnce) {
  ASSERT_EQ(scene_.run(), Refusal::none);
  EXPECT_EQ(scene_.take_finished(scene_.finished), Refusal::bad_handshake);
}

TEST_P(AplusStates, TheDeviceKeepsToTheFirstAnswerItOpened) {
  ASSERT_EQ(scene_.make_first(), Refusal::none);
  ASSERT_EQ(scene_.take_first(scene_.m1), Refusal::none);
  ASSERT_EQ(scene_.make_second(), Refusal::none);
  ASSERT_EQ(scene_.take_second(scene_.m2), Refusal::none);
  AplusResponder other;
  ASSERT_EQ(other.open(crypto_, scene_.k, *parse_first(scene_.m1)), Refusal::none);
  const auto second = other.answer(crypto_, scene_.random, {}, 301);
  ASSERT_TRUE(second);
  EXPECT_NE(octets(*second), scene_.m2) << "each answer is fresh";
  EXPECT_EQ(scene_.device.answer(crypto_, scene_.random, *second).why(), Refusal::bad_handshake);
  ASSERT_EQ(scene_.take_third(scene_.m3), Refusal::none);
  EXPECT_EQ(other.accept(crypto_, scene_.m3), Refusal::bad_handshake);
}

TEST_P(AplusStates, AnyOtherOrderIsRefused) {
  EXPECT_NE(scene_.take_second(Octets(kSecondBytes)), Refusal::none);
  EXPECT_NE(scene_.take_finished(Octets(kFinishedBytes)), Refusal::none);
  EXPECT_NE(scene_.make_second(), Refusal::none);
  EXPECT_NE(scene_.take_third(Octets(kThirdBytes)), Refusal::none);
  EXPECT_NE(scene_.make_finished(), Refusal::none);
  ASSERT_EQ(scene_.make_first(), Refusal::none);
  EXPECT_NE(scene_.make_first(), Refusal::none) << "one hk serves one m1";
  EXPECT_NE(scene_.take_finished(Octets(kFinishedBytes)), Refusal::none);
  ASSERT_EQ(scene_.take_first(scene_.m1), Refusal::none);
  EXPECT_NE(scene_.make_finished(), Refusal::none);
}

TEST_P(AplusStates, AnotherKeyOpensNothing) {
  ASSERT_EQ(scene_.make_first(), Refusal::none);
  scene_.k = Key32{Bytes<32>{std::byte{0x43}}};
  EXPECT_EQ(scene_.take_first(scene_.m1), Refusal::bad_handshake);
  EXPECT_EQ(scene_.make_second(), Refusal::internal);
}

TEST_P(AplusStates, TheSuiteIsNotChangedOnTheWay) {
  ASSERT_EQ(scene_.make_first(), Refusal::none);
  ASSERT_EQ(scene_.take_first(scene_.m1), Refusal::none);
  ASSERT_EQ(scene_.make_second(), Refusal::none);
  const auto other = static_cast<std::byte>(GetParam() == Suite::x25519 ? 2 : 1);
  Octets m2 = scene_.m2;
  m2[1] = other;
  EXPECT_EQ(scene_.take_second(m2), Refusal::bad_handshake);
  ASSERT_EQ(scene_.take_second(scene_.m2), Refusal::none);
  Octets m3 = scene_.m3;
  m3[1] = other;
  EXPECT_EQ(scene_.take_third(m3), Refusal::bad_handshake);
}

TEST_P(AplusStates, StartNeedsNamesAndAnEpochInRange) {
  HandshakeKey key{.epoch = kMaxEpoch, .r1 = {}, .hk = {}};
  const auto start = [&](std::string_view identity, std::string_view server) {
    AplusInitiator device;
    return device.start(crypto_, scene_.random, key, identity, server, GetParam()).why();
  };
  EXPECT_EQ(start("a", "t"), Refusal::none);
  EXPECT_EQ(start("", "t"), Refusal::internal);
  EXPECT_EQ(start("a", "t/"), Refusal::internal);
  EXPECT_EQ(start(std::string(65, 'a'), "t"), Refusal::internal);
  key.epoch = kMaxEpoch + 1;
  EXPECT_EQ(start("a", "t"), Refusal::internal);
}

TEST_P(AplusStates, WithoutEntropyThereIsNoHandshake) {
  ASSERT_EQ(scene_.make_first(), Refusal::none);
  ScriptedRandom none;
  HandshakeKey key;
  AplusInitiator device;
  EXPECT_EQ(device.start(crypto_, none, key, "a", "t", GetParam()).why(), Refusal::internal);
  EXPECT_TRUE(device.first().empty());
  ASSERT_EQ(scene_.take_first(scene_.m1), Refusal::none);
  EXPECT_EQ(scene_.server.answer(crypto_, none, {}, 1).why(), Refusal::internal);
  EXPECT_TRUE(scene_.server.second().empty());
  ASSERT_EQ(scene_.make_second(), Refusal::none) << "it may be had later";
  EXPECT_EQ(scene_.device.answer(crypto_, none, scene_.m2).why(), Refusal::internal);
  EXPECT_FALSE(scene_.device.answered());
  EXPECT_EQ(scene_.take_second(scene_.m2), Refusal::none);
  EXPECT_EQ(scene_.take_third(scene_.m3), Refusal::none);
}

TEST(AplusNames, KeepTheLongestIdentities) {
  const std::string longest(64, 'x');
  openssl::OpenSslCrypto crypto;
  SeededRandom random;
  AplusInitiator device;
  const auto m1 = device.start(crypto, random, {}, longest, longest, Suite::symmetric);
  ASSERT_TRUE(m1);
  EXPECT_EQ(m1->size(), kMaxFirstBytes);
  EXPECT_EQ(parse_first(*m1)->identity, longest);
  HandshakeKey key;
  EXPECT_FALSE(derive_handshake_key(crypto, {}, longest + "xy", longest, key));
}

}  // namespace
}  // namespace countersign::test
