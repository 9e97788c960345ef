#include "core/mqtt_client.hpp"

#include <gtest/gtest.h>

#include "unit/mcu/scripted_link.hpp"
#include "unit/octets.hpp"

namespace countersign::mcu {
namespace {

using countersign::test::from_hex;
using countersign::test::hex;
using countersign::test::Octets;
using test::ScriptedLink;
using What = MqttEvent::What;

class MqttClientTest : public ::testing::Test {
 protected:
  void go_online(std::uint16_t keep_alive_s = 10) {
    ASSERT_TRUE(client.open({}, now));
    EXPECT_EQ(client.poll(now).what, What::none);
    link.establish();
    ASSERT_EQ(client.poll(now).what, What::linked);
    ASSERT_TRUE(client.connect({.client_id = "a",
                                .username = {},
                                .password = {},
                                .will = {},
                                .keep_alive_s = keep_alive_s},
                               now));
    link.feed(from_hex("20020000"));
    ASSERT_EQ(client.poll(now).what, What::online);
    static_cast<void>(link.take());
  }
  What next() { return client.poll(now).what; }

  ScriptedLink link;
  Bytes<64> room{};
  MqttClient<ScriptedLink> client{link, room};
  Millis now = 1'000;
};

TEST_F(MqttClientTest, OpensConnectsAndIsOnline) {
  go_online();
  EXPECT_TRUE(client.online());
  EXPECT_EQ(next(), What::none);
}

TEST_F(MqttClientTest, ARefusalClosesTheConnection) {
  ASSERT_TRUE(client.open({}, now));
  link.establish();
  ASSERT_EQ(next(), What::linked);
  ASSERT_TRUE(client.connect({.client_id = "a", .username = {}, .password = {}, .will = {}}, now));
  link.feed(from_hex("20020005"));
  const MqttEvent event = client.poll(now);
  EXPECT_EQ(event.what, What::refused);
  EXPECT_EQ(event.code, 5);
  EXPECT_EQ(link.state(), LinkState::closed);
}

TEST_F(MqttClientTest, ABrokerThatNeverAnswersIsGivenUp) {
  ASSERT_TRUE(client.open({}, now));
  now += kOpenPatienceMs;
  EXPECT_EQ(next(), What::lost);

  ASSERT_TRUE(client.open({}, now));
  link.establish();
  ASSERT_EQ(next(), What::linked);
  ASSERT_TRUE(client.connect({.client_id = "a", .username = {}, .password = {}, .will = {}}, now));
  now += kOpenPatienceMs - 1;
  EXPECT_EQ(next(), What::none);
  now += 1;
  EXPECT_EQ(next(), What::lost);
  EXPECT_EQ(next(), What::none);
}

TEST_F(MqttClientTest, AMessageArrivesInWhateverPieces) {
  for (link.chunk = 1; link.chunk < 12; ++link.chunk) {
    go_online();
    link.feed(
        from_hex("3209"
                 "0003612f62"
                 "0007"
                 "beef"
                 "d000"));
    MqttEvent event = client.poll(now);
    for (int i = 0; i < 16 && event.what == What::none; ++i) {
      event = client.poll(now);
    }
    ASSERT_EQ(event.what, What::message) << link.chunk;
    EXPECT_EQ(event.message.topic, "a/b");
    EXPECT_EQ(hex(event.message.payload), "beef");
    EXPECT_TRUE(link.take().empty()) << "acknowledged before it was handed over";
    EXPECT_EQ(next(), What::none);
    EXPECT_EQ(hex(link.take()), "40020007");
  }
}

TEST_F(MqttClientTest, APacketThatIsTooLargeIsPassedOver) {
  go_online();
  Octets large = from_hex(
      "30c801"
      "0003612f62");
  large.resize(3 + 200);
  link.feed(large);
  link.feed(
      from_hex("3007"
               "0003612f62"
               "beef"));
  const MqttEvent event = client.poll(now);
  EXPECT_EQ(event.what, What::message);
  EXPECT_EQ(hex(event.message.payload), "beef");
  EXPECT_EQ(client.passed_over(), 1);
}

TEST_F(MqttClientTest, GarbageEndsTheConnection) {
  for (const auto* const bad : {"30ffffffff01", "f000", "20020000", "3400", "0000",
                                "4002"
                                "0000",
                                "9003"
                                "000000"}) {
    go_online();
    link.feed(from_hex(bad));
    EXPECT_EQ(next(), What::lost) << bad;
    EXPECT_TRUE(client.closed());
  }
}

TEST_F(MqttClientTest, HalfAPacketIsNoPacket) {
  go_online(0);
  link.feed(
      from_hex("3207"
               "0003612f62"));
  EXPECT_EQ(next(), What::none);
  now += 3'600'000;
  EXPECT_EQ(next(), What::none);
  link.close();
  EXPECT_EQ(next(), What::lost);
}

TEST_F(MqttClientTest, ASilentLineIsAskedAndThenGivenUp) {
  go_online(10);
  now += 4'999;
  EXPECT_EQ(next(), What::none);
  EXPECT_TRUE(link.take().empty());
  now += 1;
  EXPECT_EQ(next(), What::none);
  EXPECT_EQ(hex(link.take()), "c000");
  link.feed(from_hex("d000"));
  EXPECT_EQ(next(), What::none);
  now += 5'000;
  EXPECT_EQ(next(), What::none);
  EXPECT_EQ(hex(link.take()), "c000");
  now += 5'000;
  EXPECT_EQ(next(), What::lost);
}

TEST_F(MqttClientTest, WhoOnlySendsStillLearnsThatNobodyHears) {
  go_online(10);
  for (int i = 0; i < 12; ++i) {
    now += 1'000;
    if (next() == What::lost) {
      EXPECT_GE(i, 9);
      return;
    }
    EXPECT_TRUE(client.publish({.topic = "a/b", .payload = {}}, now));
  }
  FAIL() << "a half-open connection was not noticed";
}

TEST_F(MqttClientTest, SendsHeadAndPayloadInOneSegmentOrNothing) {
  go_online();
  link.segments = 0;
  const auto payload = from_hex("beef");
  EXPECT_TRUE(client.publish({.topic = "a/b", .payload = payload}, now));
  EXPECT_EQ(hex(link.take()),
            "3007"
            "0003612f62"
            "beef");
  EXPECT_EQ(link.segments, 1);
  link.room_left = 8;
  EXPECT_FALSE(client.publish({.topic = "a/b", .payload = payload}, now));
  EXPECT_TRUE(link.take().empty());
}

TEST_F(MqttClientTest, NothingIsSentBeforeTheBrokerAccepted) {
  ASSERT_TRUE(client.open({}, now));
  link.establish();
  ASSERT_EQ(next(), What::linked);
  EXPECT_FALSE(client.publish({.topic = "a/b", .payload = {}}, now));
  EXPECT_FALSE(client.subscribe(1, "a", 0, now));
}

TEST_F(MqttClientTest, DisconnectSaysSoAndCloseDoesNot) {
  go_online();
  client.disconnect(now);
  EXPECT_EQ(hex(link.take()), "e000");
  go_online();
  client.close();
  EXPECT_TRUE(link.take().empty());
}

TEST_F(MqttClientTest, APasswordDoesNotStayInTheBuffer) {
  ASSERT_TRUE(client.open({}, now));
  link.establish();
  ASSERT_EQ(next(), What::linked);
  const auto password = from_hex("736563726574");
  ASSERT_TRUE(
      client.connect({.client_id = "a", .username = "u", .password = password, .will = {}}, now));
  EXPECT_NE(hex(link.take()).find("736563726574"), std::string::npos);
  EXPECT_EQ(hex(room).find("736563726574"), std::string::npos);
}

}  // namespace
}  // namespace countersign::mcu
