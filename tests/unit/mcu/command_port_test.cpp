#include "app/command_port.hpp"

#include <gtest/gtest.h>

#include "unit/mcu/plain_vault.hpp"
#include "unit/mcu/scripted_link.hpp"

namespace countersign::mcu {
namespace {

using countersign::test::array_of;
using countersign::test::Octets;
using countersign::test::PlainVault;
using test::ScriptedLink;

struct CountingNode {
  std::string_view obey(const TakenCommand& /*taken*/, Millis /*now*/) {
    ++obeyed;
    return "done";
  }
  int obeyed = 0;
};

class CommandPortTest : public ::testing::Test {
 protected:
  /// Another peer takes the place of the last, which is gone.
  void accept() {
    ASSERT_EQ(peer.state(), LinkState::closed);
    ASSERT_TRUE(peer.open({}));
    peer.establish();
  }
  Octets woken() {
    peer.feed(wake);
    port.step(now);
    return peer.take();
  }
  CommandChallenge challenged() {
    accept();
    const Octets sent = woken();
    return sent.size() == 16 ? array_of<16>(sent) : CommandChallenge{};
  }

  const Octets wake = countersign::test::octets("wake");
  PlainVault plain;
  ScriptedLink peer;
  CountingNode node;
  CommandPort<ScriptedLink, CountingNode, Vault> port{peer, node, plain.vault, wake};
  Millis now = 10'000;
};

TEST_F(CommandPortTest, ObeysACommandAndAnswersIt) {
  const auto challenge = challenged();
  peer.feed(plain.scene.message(0, challenge, "open"));
  port.step(now);
  EXPECT_EQ(node.obeyed, 1);
  EXPECT_EQ(peer.take().size(), kTagBytes);
  for (int i = 0; i < 8; ++i) {
    port.step(now);
  }
  EXPECT_EQ(peer.state(), LinkState::closed);
}

TEST_F(CommandPortTest, APeerThatComesAtOnceInheritsNothing) {
  const auto first = challenged();
  const Octets message = plain.scene.message(0, first, "open");
  peer.feed(ByteView{message}.first(20));
  port.step(now);
  now += kChallengeLifeMs;
  port.step(now);  // sent away
  accept();
  EXPECT_EQ(woken().size(), 16U) << "it was taken for the rest of a command";
  EXPECT_EQ(peer.state(), LinkState::open);
}

TEST_F(CommandPortTest, NorDoesOneAfterAWrongCommand) {
  static_cast<void>(challenged());
  peer.feed(Octets(kCommandMessageBytes));
  port.step(now);
  now += 1'000;
  accept();
  EXPECT_EQ(woken().size(), 16U);
  EXPECT_EQ(node.obeyed, 0);
}

TEST_F(CommandPortTest, AChallengeEndsWithItsConnection) {
  const auto challenge = challenged();
  ASSERT_TRUE(plain.scene.device.is_open(challenge, now));
  peer.close();
  port.step(now);
  EXPECT_FALSE(plain.scene.device.is_open(challenge, now));
}

TEST_F(CommandPortTest, WhoOnlyConnectsDoesNotPushOutTheChallengesOfTheBroker) {
  const auto over_mqtt = plain.vault.challenge(now);
  ASSERT_TRUE(over_mqtt);
  const Millis until = now + 2'000;
  for (; now < until; now += 10) {
    accept();
    static_cast<void>(woken());
    peer.close();
    port.step(now);
  }
  const auto taken = plain.vault.take_command(plain.scene.message(1, *over_mqtt, "close"), now);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->command, 1U);
}

TEST_F(CommandPortTest, APeerWaitsForItsChallengeUntilItMayHaveOne) {
  static_cast<void>(challenged());
  peer.close();
  port.step(now);
  accept();
  EXPECT_TRUE(woken().empty());
  now += 999;
  port.step(now);
  EXPECT_TRUE(peer.take().empty());
  now += 1;
  port.step(now);
  EXPECT_EQ(peer.take().size(), 16U);
}

}  // namespace
}  // namespace countersign::mcu
