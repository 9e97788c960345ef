#include "core/mqtt_client.hpp"

#include <gtest/gtest.h>

#include "unit/mcu/scripted_link.hpp"
#include "unit/octets.hpp"

namespace countersign::mcu {
namespace {

using countersign::test::from_hex;
using countersign::test::hex;
using countersign::test::octets;
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

/// A PUBLISH with QoS 1 and `size` bytes behind its header.
Octets large_message(std::uint16_t topic_bytes, std::uint16_t id, std::size_t size) {
  Bytes<3 + 2 + 300 + 2> head{};
  Writer out{head};
  out.be(std::uint8_t{0x32}).vbi(static_cast<std::uint32_t>(size)).be(topic_bytes);
  for (std::size_t i = 0; i < topic_bytes; ++i) {
    out.be(std::uint8_t{'t'});
  }
  out.be(id);
  Octets packet = octets(out.written());
  packet.resize(packet.size() - topic_bytes - 4 + size);
  return packet;
}

constexpr std::array<std::uint16_t, 8> kTopicBytes{1, 57, 58, 59, 60, 61, 196, 300};

TEST_F(MqttClientTest, ALargeMessageWithQos1IsAcknowledgedAllTheSame) {
  for (const std::uint16_t topic_bytes : kTopicBytes) {
    for (const std::size_t chunk : {1U, 2U, 3U, 5U, 7U, 64U, 4096U}) {
      link.chunk = chunk;
      go_online();
      link.feed(large_message(topic_bytes, 0x0708, std::size_t{topic_bytes} + 4));
      link.feed(large_message(topic_bytes, 0x0709, std::size_t{topic_bytes} + 200));
      link.feed(
          from_hex("3207"
                   "0003612f62"
                   "0001"));
      MqttEvent event;
      for (int i = 0; i < 2'000 && event.id != 1; ++i) {
        event = client.poll(now);
      }
      EXPECT_EQ(event.message.topic, "a/b") << topic_bytes << ' ' << chunk;
      EXPECT_EQ(next(), What::none);
      EXPECT_EQ(hex(link.take()), "400207084002070940020001") << topic_bytes << ' ' << chunk;
    }
  }
}

TEST_F(MqttClientTest, ALargeMessageIsAcknowledgedOnceThereIsRoomForIt) {
  go_online();
  link.room_left = 3;
  link.feed(large_message(1, 0x0708, 200));
  link.feed(from_hex("40020001"));
  EXPECT_EQ(next(), What::none);
  link.room_left = 4;
  EXPECT_EQ(next(), What::acknowledged);
  EXPECT_EQ(hex(link.take()), "40020708");
}

TEST_F(MqttClientTest, ALargeMessageThatNoBrokerMaySendEndsTheConnection) {
  for (const auto* const bad : {"32c801"
                                "0000"
                                "0001",  // no topic
                                "32c801"
                                "0001"
                                "74"
                                "0000",  // no id
                                "32c801"
                                "00c7"
                                "7474",  // a topic beyond the end
                                "34c801"
                                "0001"
                                "74"
                                "0001",  // QoS 2
                                "36c801"
                                "0001"
                                "74"
                                "0001"}) {
    go_online();
    Octets packet = from_hex(bad);
    packet.resize(3 + 200);
    link.feed(packet);
    EXPECT_EQ(next(), What::lost) << bad;
  }
}

TEST_F(MqttClientTest, ALargePacketIsNoConnack) {
  ASSERT_TRUE(client.open({}, now));
  link.establish();
  ASSERT_EQ(next(), What::linked);
  ASSERT_TRUE(client.connect({.client_id = "a", .username = {}, .password = {}, .will = {}}, now));
  link.feed(large_message(1, 1, 200));
  EXPECT_EQ(next(), What::lost);
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
