#include "countersign/client/session/aplus_handshake.hpp"

#include <gtest/gtest.h>

#include "openssl/crypto.hpp"
#include "unit/octets.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::client {
namespace {

using countersign::test::flipped;
using countersign::test::Octets;
using countersign::test::octets;
using countersign::test::SeededRandom;

constexpr Millis kSecond = 1'000;

/// Our side under test, and T's side from the core.
class ClientHandshake : public testing::TestWithParam<Suite> {
 protected:
  void SetUp() override {
    EXPECT_TRUE(random.fill(k.fill()));
    HandshakeKey key{.epoch = 3, .r1 = {}, .hk = {}};
    EXPECT_TRUE(random.fill(key.r1));
    ASSERT_TRUE(derive_handshake_key(crypto, k, "mote-3", "plant-a", key));
    ASSERT_EQ(side.start(crypto, random, key, "mote-3", "plant-a", GetParam(), {}), Refusal::none);
  }

  /// T answers `m1`.
  Octets second(ByteView m1, AplusResponder& server) {
    const auto parsed = parse_first(m1);
    EXPECT_TRUE(parsed);
    EXPECT_EQ(server.open(crypto, k, *parsed), Refusal::none);
    return octets(*server.answer(crypto, random, AuthCode{}, 9));
  }

  Octets finished(ByteView m3, AplusResponder& server) {
    EXPECT_EQ(server.accept(crypto, m3), Refusal::none);
    return octets(*server.finish(crypto, {.kid = 8, .accepted = {}}));
  }

  std::optional<ByteView> due(Millis now) {
    const auto sending = side.due(now);
    return sending ? std::optional{sending->message} : std::nullopt;
  }
  void take(ByteView message, Millis now) {
    side.take(crypto, random, message, Travel::plain, now);
  }

  openssl::OpenSslCrypto crypto;
  SeededRandom random;
  Key32 k;
  AplusHandshake side;
};

TEST_P(ClientHandshake, EndsInTheSameSessionOnBothSides) {
  AplusResponder server;
  const Octets m1 = octets(*due(0));
  take(second(m1, server), 10);
  const auto m3 = due(10);
  ASSERT_TRUE(m3);
  take(finished(*m3, server), 20);
  ASSERT_EQ(side.phase(), AplusHandshake::Phase::finished);
  EXPECT_EQ(side.agreement().kid, 9);
  EXPECT_EQ(side.receipt().kid, 8);
  EXPECT_TRUE(same_tag(side.agreement().sk.bytes(), server.agreement().sk.bytes()));
  EXPECT_FALSE(due(1'000'000));
}

TEST_P(ClientHandshake, RepeatsALostFirstMessageByteForByteEverMoreRarely) {
  const Octets m1 = octets(*due(0));
  Millis now = 0;
  for (const Millis pause : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900}) {
    EXPECT_FALSE(due(now + pause * kSecond - 1)) << pause;
    now += pause * kSecond;
    const auto again = due(now);
    ASSERT_TRUE(again) << pause;
    EXPECT_EQ(octets(*again), m1);
  }
}

TEST_P(ClientHandshake, RepeatsALostFirstMessageOnAnotherConnection) {
  const Octets m1 = octets(*due(0));
  side.connection_ended();
  side.hurry(50);
  EXPECT_EQ(octets(*due(50)), m1);
  EXPECT_EQ(side.phase(), AplusHandshake::Phase::first);
}

TEST_P(ClientHandshake, RepeatsALostThirdMessageForTenSecondsThenTheEpochIsSpent) {
  AplusResponder server;
  take(second(*due(0), server), 0);
  const Octets m3 = octets(*due(0));
  for (Millis now = kSecond; now < 10 * kSecond; now += kSecond) {
    const auto again = due(now);
    ASSERT_TRUE(again) << now;
    EXPECT_EQ(octets(*again), m3);
  }
  EXPECT_FALSE(due(10 * kSecond));
  EXPECT_EQ(side.phase(), AplusHandshake::Phase::spent);
  take(finished(m3, server), 10 * kSecond);
  EXPECT_EQ(side.phase(), AplusHandshake::Phase::spent) << "too late";
}

TEST_P(ClientHandshake, SpendsItsEpochIfTheConnectionEndsBehindTheSecondMessage) {
  AplusResponder server;
  take(second(*due(0), server), 0);
  side.connection_ended();
  EXPECT_EQ(side.phase(), AplusHandshake::Phase::spent);
  EXPECT_FALSE(due(0));
}

TEST_P(ClientHandshake, IgnoresEveryOtherAnswerOnceOneOpened) {
  AplusResponder server;
  AplusResponder other;
  const Octets m1 = octets(*due(0));
  const Octets first_m2 = second(m1, server);
  take(first_m2, 0);
  const Octets m3 = octets(*due(0));
  take(second(m1, other), 1);
  take(first_m2, 2);
  EXPECT_FALSE(due(3)) << "nor do they buy time";
  EXPECT_EQ(octets(*due(kSecond)), m3);
  take(finished(m3, server), kSecond);
  EXPECT_EQ(side.phase(), AplusHandshake::Phase::finished);
}

TEST_P(ClientHandshake, IgnoresWhatDoesNotOpen) {
  AplusResponder server;
  const Octets m2 = second(*due(0), server);
  for (std::size_t bit = 0; bit < m2.size() * 8; bit += 5) {
    take(flipped(m2, bit), 0);
  }
  take({}, 0);
  take(octets("noise"), 0);
  EXPECT_EQ(side.phase(), AplusHandshake::Phase::first);
  take(m2, 0);
  const Octets last = finished(*due(0), server);
  for (std::size_t bit = 0; bit < last.size() * 8; bit += 3) {
    take(flipped(last, bit), 0);
    ASSERT_EQ(side.phase(), AplusHandshake::Phase::third);
  }
  take(last, 0);
  EXPECT_EQ(side.phase(), AplusHandshake::Phase::finished);
}

INSTANTIATE_TEST_SUITE_P(Suites, ClientHandshake, testing::Values(Suite::x25519, Suite::symmetric));

}  // namespace
}  // namespace countersign::client
