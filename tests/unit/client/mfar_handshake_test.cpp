#include "countersign/client/session/mfar_handshake.hpp"

#include <gtest/gtest.h>

#include "openssl/crypto.hpp"
#include "unit/client/registered.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::client {
namespace {

using countersign::test::flipped;
using countersign::test::Octets;
using countersign::test::octets;
using countersign::test::SeededRandom;
using test::kPassword;

constexpr Millis kSecond = 1'000;
constexpr std::string_view kQuery = "serial;rotate(3);mask(0102030405060708)";

/// Our side under test, and T's side from the core.
class ClientMfar : public testing::TestWithParam<Suite> {
 protected:
  void SetUp() override { begin(StepOne::topic); }

  void begin(StepOne step_one) {
    Options options;
    options.suite = GetParam();
    options.step_one = step_one;
    side = std::make_unique<MfarHandshake>();
    ASSERT_TRUE(side->start(registered.device(), Identity{"mote-3"}, options));
  }

  std::optional<Octets> due(Millis now) {
    const auto sending = side->due(now);
    travel = sending ? sending->travel : Travel::plain;
    return sending ? std::optional{octets(sending->message)} : std::nullopt;
  }
  void take(ByteView message, Millis now, Travel how = Travel::plain) {
    side->take(crypto, random, message, how, now);
  }

  Octets question(MfarResponder& server, std::uint16_t kid = 9) {
    return octets(*server.ask(crypto, random, GetParam(), AuthCode{}, kid, kQuery));
  }
  bool accepts(MfarResponder& server, ByteView a) {
    return server.accept(crypto, registered.k_reg, registered.fields, a) == Refusal::none;
  }
  Octets finished(MfarResponder& server) {
    return octets(*server.finish(crypto, {.kid = 8, .accepted = {}}));
  }
  static bool is_step_one(const Octets& message) {
    const auto claim = parse_password_claim(message);
    return claim && claim->user == "mote-3" && text_of(claim->password) == kPassword;
  }

  openssl::OpenSslCrypto crypto;
  SeededRandom random;
  test::Registered registered;
  std::unique_ptr<MfarHandshake> side;
  Travel travel = Travel::plain;
};

TEST_P(ClientMfar, EndsInTheSameSessionOnBothSides) {
  MfarResponder server;
  ASSERT_TRUE(is_step_one(*due(0)));
  EXPECT_FALSE(side->claim()) << "step 1 goes by topic";
  take(question(server), 10);
  const auto a = due(10);
  ASSERT_TRUE(a && accepts(server, *a));
  EXPECT_EQ(travel, Travel::plain);
  EXPECT_FALSE(side->finished()) << "only `finished` switches";
  take(finished(server), 20);
  ASSERT_TRUE(side->finished());
  EXPECT_EQ(side->agreement().kid, 9);
  EXPECT_EQ(side->receipt().kid, 8);
  EXPECT_TRUE(same_tag(side->agreement().sk.bytes(), server.agreement().sk.bytes()));
  EXPECT_FALSE(due(1'000'000));
}

TEST_P(ClientMfar, LetsConnectCarryStepOneAndRepeatsItByTopic) {
  begin(StepOne::connect);
  const auto claim = side->claim();
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->user, "mote-3");
  EXPECT_EQ(text_of(claim->password), kPassword);
  side->connected(100);
  EXPECT_FALSE(due(100));
  const auto again = due(100 + kSecond);
  ASSERT_TRUE(again);
  EXPECT_TRUE(is_step_one(*again));
}

TEST_P(ClientMfar, RepeatsStepOneEverMoreRarely) {
  ASSERT_TRUE(due(0));
  Millis now = 0;
  for (const Millis pause : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
    EXPECT_FALSE(due(now + pause * kSecond - 1)) << pause;
    now += pause * kSecond;
    const auto again = due(now);
    ASSERT_TRUE(again) << pause;
    EXPECT_TRUE(is_step_one(*again));
  }
}

TEST_P(ClientMfar, AnswersTheSameQuestionWithTheSameBytes) {
  MfarResponder server;
  ASSERT_TRUE(due(0));
  const Octets q = question(server);
  take(q, 0);
  const auto a = due(0);
  take(q, 500);
  EXPECT_EQ(due(500), a);
}

TEST_P(ClientMfar, AnswersAnotherQuestionAfreshAndTakesTheFinishOfEither) {
  for (const bool first_wins : {true, false}) {
    begin(StepOne::topic);
    MfarResponder first;
    MfarResponder second;
    ASSERT_TRUE(due(0));
    take(question(first, 1), 0);
    const auto a1 = due(0);
    take(question(second, 2), 100);
    const auto a2 = due(100);
    ASSERT_TRUE(a1 && a2 && *a1 != *a2);
    MfarResponder& winner = first_wins ? first : second;
    ASSERT_TRUE(accepts(winner, first_wins ? *a1 : *a2));
    take(finished(winner), 200);
    ASSERT_TRUE(side->finished());
    EXPECT_EQ(side->agreement().kid, first_wins ? 1 : 2);
  }
}

TEST_P(ClientMfar, KeepsTheLastTwoQuestionsAndNoMore) {
  std::array<MfarResponder, 3> servers;
  std::array<Octets, 3> answers;
  ASSERT_TRUE(due(0));
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const auto now = static_cast<Millis>(i);
    take(question(servers[i]), now);
    answers[i] = *due(now);
  }
  ASSERT_TRUE(accepts(servers[0], answers[0]));
  take(finished(servers[0]), 3);
  EXPECT_FALSE(side->finished()) << "the oldest is forgotten";
  ASSERT_TRUE(accepts(servers[1], answers[1]));
  take(finished(servers[1]), 3);
  EXPECT_TRUE(side->finished());
}

TEST_P(ClientMfar, RepeatsItsAnswerOnceThenAsksAgain) {
  MfarResponder server;
  ASSERT_TRUE(due(0));
  take(question(server), 0);
  const auto a = due(0);
  EXPECT_FALSE(due(5 * kSecond - 1));
  EXPECT_EQ(due(5 * kSecond), a);
  EXPECT_FALSE(due(10 * kSecond - 1));
  ASSERT_TRUE(accepts(server, *a));
  take(finished(server), 10 * kSecond);
  EXPECT_FALSE(side->finished()) << "too late";
  const auto again = due(10 * kSecond);
  ASSERT_TRUE(again);
  EXPECT_TRUE(is_step_one(*again));
}

TEST_P(ClientMfar, AnswersNothingThatNobodyAskedFor) {
  begin(StepOne::connect);
  MfarResponder server;
  take(question(server), 0);
  side->demanded(0);
  EXPECT_FALSE(due(0));
}

TEST_P(ClientMfar, AnswersADemandInItsSessionAndNeverInTheClear) {
  MfarResponder server;
  const Octets q = question(server);
  side->demanded(0);
  EXPECT_FALSE(due(kSecond - 1)) << "no step 1: q comes by itself";
  take(q, 10, Travel::in_session);
  const auto a = due(10);
  ASSERT_TRUE(a && accepts(server, *a));
  EXPECT_EQ(travel, Travel::in_session);
  take(q, 20);
  EXPECT_FALSE(due(20)) << "a copy of q in the clear";
  EXPECT_EQ(due(5 * kSecond + 10), a);
  EXPECT_EQ(travel, Travel::in_session);
  take(finished(server), 6 * kSecond);
  EXPECT_TRUE(side->finished());
}

TEST_P(ClientMfar, TakesStepOneWhereADemandsQuestionGotLost) {
  side->demanded(0);
  const auto step_one = due(kSecond);
  ASSERT_TRUE(step_one);
  EXPECT_TRUE(is_step_one(*step_one));
}

TEST_P(ClientMfar, AnswersNoQuestionOfAnotherSuite) {
  MfarResponder server;
  const Suite other = GetParam() == Suite::x25519 ? Suite::symmetric : Suite::x25519;
  ASSERT_TRUE(due(0));
  take(*server.ask(crypto, random, other, AuthCode{}, 1, kQuery), 0);
  EXPECT_FALSE(due(0));
}

TEST_P(ClientMfar, IgnoresWhatDoesNotFit) {
  MfarResponder server;
  ASSERT_TRUE(due(0));
  take({}, 0);
  take(octets("noise"), 0);
  take(*MfarResponder{}.ask(crypto, random, GetParam(), AuthCode{}, 1, "colour;flip"), 0);
  EXPECT_FALSE(due(0)) << "a field that nobody registered";
  take(question(server), 0);
  ASSERT_TRUE(accepts(server, *due(0)));
  const Octets last = finished(server);
  for (std::size_t bit = 0; bit < last.size() * 8; bit += 3) {
    take(flipped(last, bit), 0);
    ASSERT_FALSE(side->finished());
  }
  take(last, 0);
  EXPECT_TRUE(side->finished());
}

TEST_P(ClientMfar, EndsWithItsConnection) {
  MfarResponder server;
  ASSERT_TRUE(due(0));
  take(question(server), 0);
  ASSERT_TRUE(accepts(server, *due(0)));
  side->connection_ended();
  EXPECT_TRUE(side->spent());
  take(finished(server), 1);
  EXPECT_FALSE(side->finished());
  EXPECT_FALSE(due(5 * kSecond));
}

INSTANTIATE_TEST_SUITE_P(Suites, ClientMfar, testing::Values(Suite::x25519, Suite::symmetric));

}  // namespace
}  // namespace countersign::client
