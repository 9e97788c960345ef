#include "core/mqtt_packets.hpp"

#include <gtest/gtest.h>

#include <array>

#include "unit/octets.hpp"

namespace countersign::mcu {
namespace {

using countersign::test::from_hex;
using countersign::test::hex;
using countersign::test::Octets;

/// What `write` puts into a buffer of `size` bytes; empty if it did not fit.
template <class Write>
Octets written(Write write, std::size_t size = 256) {
  Octets room(size);
  Writer out{room};
  write(out);
  return out.ok() ? countersign::test::octets(out.written()) : Octets{};
}

RawPacket raw(const Octets& bytes) {
  return {.first = std::to_integer<std::uint8_t>(bytes.at(0)), .body = ByteView{bytes}.subspan(2)};
}

// MQTT 3.1.1, section 3.1, figures 3.1 to 3.6
TEST(MqttPackets, WritesTheConnectOfTheStandard) {
  const Octets packet = written([](Writer& out) {
    write_connect(
        {.client_id = "a", .username = {}, .password = {}, .will = {}, .keep_alive_s = 10}, out);
  });
  EXPECT_EQ(hex(packet),
            "100d"
            "00044d515454"
            "04"
            "02"
            "000a"
            "000161");
}

TEST(MqttPackets, WritesWillNameAndPasswordInTheirOrder) {
  const auto payload = from_hex("ff");
  const auto password = from_hex("7077");
  const Octets packet = written([&](Writer& out) {
    write_connect({.client_id = "a",
                   .username = "u",
                   .password = password,
                   .will = {.topic = "w", .payload = payload, .qos = 1, .retain = true},
                   .keep_alive_s = 0,
                   .clean = false},
                  out);
  });
  EXPECT_EQ(hex(packet),
            "101a"
            "00044d515454"
            "04"
            "ec"
            "0000"
            "000161"
            "000177"
            "0001ff"
            "000175"
            "00027077");
}

TEST(MqttPackets, WritesSubscribePubackAndTheEmptyOnes) {
  EXPECT_EQ(hex(written([](Writer& out) { write_subscribe(10, "a/b", 1, out); })),
            "8208"
            "000a"
            "0003612f62"
            "01");
  EXPECT_EQ(hex(written([](Writer& out) { write_puback(0x1234, out); })), "40021234");
  EXPECT_EQ(hex(written([](Writer& out) { write_empty(PacketType::pingreq, out); })), "c000");
  EXPECT_EQ(hex(written([](Writer& out) { write_empty(PacketType::disconnect, out); })), "e000");
}

TEST(MqttPackets, APublishHeadCountsThePayloadThatFollows) {
  const Octets payload(200, std::byte{7});
  EXPECT_EQ(hex(written([&](Writer& out) {
              write_publish_head({.topic = "a/b", .payload = payload}, out);
            })),
            "30cd01"
            "0003612f62");
  EXPECT_EQ(hex(written([&](Writer& out) {
              write_publish_head(
                  {.topic = "a/b", .payload = payload, .qos = 1, .again = true, .id = 10}, out);
            })),
            "3acf01"
            "0003612f62"
            "000a");
}

TEST(MqttPackets, SayWhenThereIsNoRoom) {
  EXPECT_TRUE(written([](Writer& out) { write_subscribe(10, "a/b", 1, out); }, 9).empty());
}

TEST(MqttPackets, AnAnswerToConnectHasTwoBytesOfMeaning) {
  EXPECT_EQ(parse_connack(raw(from_hex("20020000")))->code, 0);
  EXPECT_TRUE(parse_connack(raw(from_hex("20020100")))->session_present);
  EXPECT_EQ(parse_connack(raw(from_hex("20020005")))->code, 5);
  // 3.2.2.2: no session is present where the connection is refused
  for (const auto* const bad : {"20020105", "20020200", "21020000", "200100", "2003000000"}) {
    EXPECT_FALSE(parse_connack(raw(from_hex(bad)))) << bad;
  }
}

TEST(MqttPackets, APublishIsReadWithAndWithoutAnId) {
  const auto zero = from_hex(
      "3007"
      "0003612f62"
      "beef");
  const auto first = parse_publish(raw(zero));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->topic, "a/b");
  EXPECT_EQ(hex(first->payload), "beef");
  const auto one = from_hex(
      "3307"
      "0003612f62"
      "0102");
  const auto second = parse_publish(raw(one));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->id, 0x0102);
  EXPECT_TRUE(second->retain);
  EXPECT_TRUE(second->payload.empty());
}

TEST(MqttPackets, APublishThatNobodyMayWriteIsMalformed) {
  for (const auto* const bad : {"3407"
                                "0003612f62"
                                "0001",  // QoS 2, which nobody asked for
                                "3605"
                                "0003612f62",  // QoS 3
                                "3207"
                                "0003612f62"
                                "0000",  // packet id 0
                                "3205"
                                "0003612f62",  // no packet id
                                "3002"
                                "0000",  // no topic
                                "3002"
                                "0003",  // a topic that is longer than the packet
                                "3001"
                                "00",
                                "3000"}) {
    EXPECT_FALSE(parse_publish(raw(from_hex(bad)))) << bad;
  }
}

TEST(MqttPackets, AcknowledgementsAreExact) {
  EXPECT_EQ(*parse_puback(raw(from_hex("40020001"))), 1);
  for (const auto* const bad : {"40020000", "400100", "4003000100", "42020001", "50020001"}) {
    EXPECT_FALSE(parse_puback(raw(from_hex(bad)))) << bad;
  }
  EXPECT_EQ(parse_suback(raw(from_hex("9003000201")))->granted, 1);
  EXPECT_EQ(parse_suback(raw(from_hex("9003000280")))->granted, kQosRefused);
  for (const auto* const bad : {"9003000001", "9003000202", "900400020101", "90020002"}) {
    EXPECT_FALSE(parse_suback(raw(from_hex(bad)))) << bad;
  }
}

}  // namespace
}  // namespace countersign::mcu
