#include <gtest/gtest.h>

#include "core/device.hpp"
#include "unit/mcu/device_scene.hpp"

/// How a device connects, proves itself and comes back.
namespace countersign::mcu {
namespace {

using countersign::test::Octets;
using test::DeviceScene;
using What = DeviceEvent::What;

class DeviceLoginTest : public ::testing::TestWithParam<Method> {
 protected:
  void SetUp() override { ASSERT_TRUE(scene.ready); }
  void TearDown() override { EXPECT_EQ(scene.t.odd, std::vector<std::string>{}); }

  /// Loses the session and the link at once, as when T starts again.
  void restart_t() {
    scene.t.forget();
    scene.link.close();
  }

  DeviceScene scene{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Both, DeviceLoginTest, ::testing::Values(Method::aplus, Method::mfar),
                         [](const auto& one) {
                           return one.param == Method::aplus ? "aplus" : "mfar";
                         });

TEST_P(DeviceLoginTest, LogsInAsAStranger) {
  ASSERT_TRUE(scene.log_in());
  EXPECT_TRUE(scene.device.is_ready());
  ASSERT_EQ(scene.t.connects.size(), 1);
  const test::Connected& first = scene.t.connects[0];
  EXPECT_TRUE(first.clean);
  EXPECT_EQ(first.client_id.size(), kStrangerChars);
  EXPECT_EQ(first.client_id[0], '~');
  EXPECT_EQ(first.username + first.password, "");
  EXPECT_EQ(scene.events, std::vector{What::online});
}

TEST_P(DeviceLoginTest, ResumesByAProofAfterTheLinkBroke) {
  ASSERT_TRUE(scene.log_in());
  const std::size_t handshake = scene.t.plain.size();
  for (std::size_t again = 1; again <= 3; ++again) {
    scene.link.close();
    scene.pass(1'000);
    ASSERT_TRUE(scene.device.is_online());
    ASSERT_EQ(scene.t.connects.size(), 1 + again);
    EXPECT_FALSE(scene.t.connects.back().clean);
    EXPECT_EQ(scene.t.connects.back().client_id, "mote-1");
    EXPECT_EQ(scene.t.connects.back().username, "mote-1");
  }
  EXPECT_EQ(scene.t.plain.size(), handshake) << "a handshake where a proof would do";
}

TEST_P(DeviceLoginTest, RepeatsAnUnansweredFirstMessageByteForByte) {
  scene.t.answers_logins = false;
  scene.pass(60'000);
  ASSERT_GE(scene.t.plain.size(), 4);
  EXPECT_LE(scene.t.plain.size(), 7) << "1, 2, 4, 8 ... seconds";
  for (const Octets& message : scene.t.plain) {
    EXPECT_EQ(message, scene.t.plain[0]);
  }
  EXPECT_EQ(scene.numbers.plain.epoch, GetParam() == Method::aplus ? 1 : 0);
  scene.t.answers_logins = true;
  scene.pass(64'000);
  EXPECT_TRUE(scene.device.is_online());
}

TEST_P(DeviceLoginTest, ComesBackWithPausesThatDoubleUpToALimit) {
  scene.random.longest = true;
  scene.link.refuse_open = true;
  scene.settle();
  ASSERT_EQ(scene.link.opened, 1);
  for (Millis pause = 512; pause < 65'536; pause *= 2) {
    EXPECT_EQ(scene.next_connect(100'000), pause);
  }
  EXPECT_EQ(scene.next_connect(100'000), 65'536);
  EXPECT_EQ(scene.next_connect(100'000), 65'536);
}

TEST_P(DeviceLoginTest, ASessionMakesThePausesShortAgain) {
  scene.link.refuse_open = true;
  scene.pass(60'000);
  scene.link.refuse_open = false;
  scene.pass(64'000);
  ASSERT_TRUE(scene.device.is_online());
  scene.random.longest = true;
  scene.link.close();
  scene.settle();
  EXPECT_EQ(scene.next_connect(100'000), 512);
}

TEST_P(DeviceLoginTest, WaitsTenSecondsForTheBrokersAnswer) {
  scene.t.answers_connect = false;
  scene.settle();
  ASSERT_EQ(scene.t.connects.size(), 1);
  scene.pass(9'999);
  EXPECT_EQ(scene.link.state(), LinkState::open);
  ++scene.now;
  static_cast<void>(scene.device.step(scene.now));
  EXPECT_EQ(scene.link.state(), LinkState::closed);
  scene.t.answers_connect = true;
  scene.pass(2'000);
  EXPECT_TRUE(scene.device.is_online());
}

TEST_P(DeviceLoginTest, AsksASilentLineAndGivesItUp) {
  ASSERT_TRUE(scene.log_in());
  scene.pass(29'999);
  EXPECT_EQ(scene.t.pings, 0);
  scene.pass(1);
  EXPECT_EQ(scene.t.pings, 1) << "half of the keep-alive";
  scene.t.answers_pings = false;
  scene.pass(30'000);
  EXPECT_EQ(scene.t.pings, 2);
  EXPECT_EQ(scene.count(What::offline), 0);
  scene.pass(30'000);
  EXPECT_EQ(scene.count(What::offline), 1);
}

TEST_P(DeviceLoginTest, WhoWasForgottenWaitsAndThenMakesANewHandshake) {
  scene.random.longest = true;
  ASSERT_TRUE(scene.log_in());
  const std::size_t handshake = scene.t.plain.size();
  restart_t();
  static_cast<void>(scene.device.step(scene.now));
  EXPECT_EQ(scene.next_connect(100'000), 512);
  ASSERT_EQ(scene.t.connects.size(), 2);
  EXPECT_FALSE(scene.t.connects[1].clean) << "a proof first";
  EXPECT_EQ(scene.next_connect(100'000), 32'768) << "the delay that keeps a fleet apart";
  EXPECT_TRUE(scene.t.connects[2].clean);
  EXPECT_EQ(scene.t.plain.size(), 2 * handshake);
  EXPECT_TRUE(scene.device.is_online());
}

TEST_P(DeviceLoginTest, ABrokerThatIsBusyCostsNoSession) {
  ASSERT_TRUE(scene.log_in());
  const std::size_t handshake = scene.t.plain.size();
  scene.t.connack = 3;
  scene.link.close();
  scene.pass(5'000);
  EXPECT_FALSE(scene.device.is_online());
  scene.t.connack = 0;
  scene.pass(64'000);
  EXPECT_TRUE(scene.device.is_online());
  EXPECT_EQ(scene.t.plain.size(), handshake);
}

TEST_P(DeviceLoginTest, AnswersADemandInsideItsSession) {
  ASSERT_TRUE(scene.log_in());
  const std::uint16_t old = scene.t.kid();
  if (GetParam() == Method::mfar) {
    scene.t.demand();
  }
  scene.t.notice(Refusal::enforcement, 1);
  scene.pass(1'000);
  EXPECT_NE(scene.t.kid(), old);
  EXPECT_EQ(scene.vault.kid(), scene.t.kid());
  EXPECT_TRUE(scene.device.is_ready());
  EXPECT_EQ(scene.t.connects.size(), 1);
  EXPECT_EQ(scene.t.count(kAnswerMark), GetParam() == Method::mfar ? 1 : 0);
}

TEST_P(DeviceLoginTest, MakesANewSessionWhenTSaysItsOwnHasExpired) {
  ASSERT_TRUE(scene.log_in());
  const std::uint16_t old = scene.t.kid();
  scene.t.notice(Refusal::expired, 1);
  scene.pass(1'000);
  EXPECT_EQ(scene.vault.kid(), old + 1);
  EXPECT_TRUE(scene.device.is_ready());
}

TEST_P(DeviceLoginTest, AHintMakesOneHandshakeAndOnlyAfterItsDelay) {
  scene.random.longest = true;
  ASSERT_TRUE(scene.log_in());
  const std::uint16_t old = scene.t.kid();
  for (int i = 0; i < 20; ++i) {
    scene.t.hint(Refusal::unknown_kid);
  }
  scene.pass(32'000);
  EXPECT_EQ(scene.t.kid(), old);
  scene.pass(60'000);
  EXPECT_EQ(scene.t.kid(), old + 1);
}

TEST_P(DeviceLoginTest, GetsAnotherKeyOnRequest) {
  ASSERT_TRUE(scene.log_in());
  const Key32 before = scene.t.k;
  scene.device.rekey();
  scene.settle();
  EXPECT_EQ(scene.count(What::rekeyed), 1);
  EXPECT_FALSE(same_tag(before.bytes(), scene.t.k.bytes()));
  restart_t();
  scene.pass(60'000);
  EXPECT_TRUE(scene.device.is_online()) << "by the new key";
}

TEST_P(DeviceLoginTest, SubscribesOnceInASession) {
  static constexpr std::array<std::string_view, 2> kFilters{"command/mote-1", "time"};
  DeviceOptions options = DeviceScene::options();
  options.filters = kFilters;
  DeviceScene listener{GetParam(), options};
  ASSERT_TRUE(listener.log_in());
  EXPECT_EQ(listener.t.subscribed, (std::vector<std::string>{"command/mote-1", "time"}));
  listener.link.close();
  listener.pass(1'000);
  EXPECT_EQ(listener.t.subscribed.size(), 2) << "the broker kept them";
  listener.t.session_present = false;
  listener.link.close();
  listener.pass(1'000);
  EXPECT_EQ(listener.t.subscribed.size(), 4);
  EXPECT_EQ(listener.t.odd, std::vector<std::string>{});
}

TEST_P(DeviceLoginTest, CommitsItsWillOnEveryConnection) {
  DeviceOptions options = DeviceScene::options();
  options.will = {.topic = "will/mote-1", .payload = bytes_of("gone")};
  DeviceScene mortal{GetParam(), options};
  ASSERT_TRUE(mortal.log_in());
  EXPECT_EQ(mortal.t.connects[0].will_topic, "will/mote-1");
  EXPECT_EQ(mortal.t.count(kWillMark), 1);
  mortal.link.close();
  mortal.pass(1'000);
  EXPECT_EQ(mortal.t.count(kWillMark), 2);
}

class MfarDeviceTest : public DeviceLoginTest {};
INSTANTIATE_TEST_SUITE_P(Alone, MfarDeviceTest, ::testing::Values(Method::mfar));

TEST_P(MfarDeviceTest, WaitsForTheQuestionOfADemandBeforeItShowsItsPassword) {
  ASSERT_TRUE(scene.log_in());
  const std::size_t handshake = scene.t.plain.size();
  scene.t.notice(Refusal::enforcement, 1);
  scene.pass(900);
  EXPECT_EQ(scene.t.plain.size(), handshake);
  scene.t.demand();
  scene.pass(5'000);
  EXPECT_EQ(scene.t.plain.size(), handshake);
  EXPECT_TRUE(scene.device.is_ready());
}

// the answer to it was taken for a login under way: the next one never began with step 1
TEST_P(MfarDeviceTest, AQuestionThatNobodyWaitsForIsNotAnswered) {
  ASSERT_TRUE(scene.log_in());
  const std::size_t handshake = scene.t.plain.size();
  MfarResponder anybody;
  scene.t.publish_unsigned(kAuthReplyPrefix, scene.t.ask(anybody));
  scene.pass(1'000);
  EXPECT_EQ(scene.t.plain.size(), handshake);
  EXPECT_EQ(scene.t.count(kAnswerMark), 0);
  restart_t();
  scene.pass(120'000);
  ASSERT_GT(scene.t.plain.size(), handshake);
  EXPECT_EQ(scene.t.plain[handshake].at(0), std::byte{kPasswordMark});
  EXPECT_TRUE(scene.device.is_online());
}

}  // namespace
}  // namespace countersign::mcu
