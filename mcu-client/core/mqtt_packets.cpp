#include "core/mqtt_packets.hpp"

namespace countersign::mcu {
namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t kLevel311 = 4;
constexpr std::uint8_t kUsername = 0x80;
constexpr std::uint8_t kPassword = 0x40;
constexpr std::uint8_t kWillRetain = 0x20;
constexpr unsigned kWillQosShift = 3;
constexpr std::uint8_t kWill = 0x04;
constexpr std::uint8_t kClean = 0x02;
constexpr std::uint8_t kAgain = 0x08;
constexpr std::uint8_t kRetain = 0x01;
constexpr std::uint8_t kSubscribeFlags = 0x02;  // 3.8.1: reserved, must be so

constexpr std::size_t s16_size(std::size_t count) { return 2 + count; }

std::uint8_t first_byte(PacketType type, unsigned flags) {
  return static_cast<std::uint8_t>((static_cast<unsigned>(type) << 4) | flags);
}

void write_fixed_header(PacketType type, unsigned flags, std::size_t body, Writer& out) {
  out.be(first_byte(type, flags)).vbi(static_cast<std::uint32_t>(body));
}

std::uint8_t connect_flags(const ConnectPacket& packet) {
  unsigned flags = packet.clean ? kClean : 0U;
  flags |= packet.username.empty() ? 0U : kUsername;
  flags |= packet.password.empty() ? 0U : kPassword;
  if (!packet.will.topic.empty()) {
    flags |= kWill | (static_cast<unsigned>(packet.will.qos) << kWillQosShift);
    flags |= packet.will.retain ? kWillRetain : 0U;
  }
  return static_cast<std::uint8_t>(flags);
}

std::size_t connect_body(const ConnectPacket& packet) {
  std::size_t size = s16_size(4) + 1 + 1 + 2 + s16_size(packet.client_id.size());
  if (!packet.will.topic.empty()) {
    size += s16_size(packet.will.topic.size()) + s16_size(packet.will.payload.size());
  }
  size += packet.username.empty() ? 0 : s16_size(packet.username.size());
  size += packet.password.empty() ? 0 : s16_size(packet.password.size());
  return size;
}

unsigned publish_flags(const PublishPacket& packet) {
  return (packet.again ? kAgain : 0U) | (static_cast<unsigned>(packet.qos) << 1) |
         (packet.retain ? kRetain : 0U);
}

bool is(const RawPacket& packet, PacketType type) { return packet.first == first_byte(type, 0); }

}  // namespace

std::size_t connect_bytes(const ConnectPacket& packet) {
  const std::size_t body = connect_body(packet);
  return 1 + vbi_size(static_cast<std::uint32_t>(body)) + body;
}

void write_connect(const ConnectPacket& packet, Writer& out) {
  write_fixed_header(PacketType::connect, 0, connect_body(packet), out);
  out.s16(bytes_of("MQTT"sv)).be(kLevel311).be(connect_flags(packet)).be(packet.keep_alive_s);
  out.s16(bytes_of(packet.client_id));
  if (!packet.will.topic.empty()) {
    out.s16(bytes_of(packet.will.topic)).s16(packet.will.payload);
  }
  if (!packet.username.empty()) {
    out.s16(bytes_of(packet.username));
  }
  if (!packet.password.empty()) {
    out.s16(packet.password);
  }
}

void write_subscribe(std::uint16_t id, std::string_view filter, std::uint8_t qos, Writer& out) {
  write_fixed_header(PacketType::subscribe, kSubscribeFlags, 2 + s16_size(filter.size()) + 1, out);
  out.be(id).s16(bytes_of(filter)).be(qos);
}

void write_puback(std::uint16_t id, Writer& out) {
  write_fixed_header(PacketType::puback, 0, 2, out);
  out.be(id);
}

void write_empty(PacketType type, Writer& out) { write_fixed_header(type, 0, 0, out); }

void write_publish_head(const PublishPacket& packet, Writer& out) {
  const std::size_t id = packet.qos == 0 ? 0 : 2;
  write_fixed_header(PacketType::publish, publish_flags(packet),
                     s16_size(packet.topic.size()) + id + packet.payload.size(), out);
  out.s16(bytes_of(packet.topic));
  if (packet.qos != 0) {
    out.be(packet.id);
  }
}

Result<ConnackPacket> parse_connack(const RawPacket& packet) {
  Reader in{packet.body};
  const auto flags = in.be<std::uint8_t>();
  const auto code = in.be<std::uint8_t>();
  if (!in.done() || !is(packet, PacketType::connack) || flags > 1 || (flags != 0 && code != 0)) {
    return Refusal::malformed;
  }
  return ConnackPacket{.session_present = flags == 1, .code = code};
}

Result<PublishPacket> parse_publish(const RawPacket& packet) {
  PublishPacket out;
  out.qos = packet.qos();
  out.retain = (packet.first & kRetain) != 0;
  out.again = (packet.first & kAgain) != 0;
  Reader in{packet.body};
  out.topic = text_of(in.s16());
  out.id = out.qos == 0 ? std::uint16_t{0} : in.be<std::uint16_t>();
  out.payload = in.rest();
  const bool numbered = (out.qos == 0) == (out.id == 0);
  if (!in.done() || packet.type() != PacketType::publish || out.qos > 1 || !numbered ||
      out.topic.empty()) {
    return Refusal::malformed;  // QoS 2 nobody asked for
  }
  return out;
}

Result<std::uint16_t> parse_puback(const RawPacket& packet) {
  Reader in{packet.body};
  const auto id = in.be<std::uint16_t>();
  if (!in.done() || !is(packet, PacketType::puback) || id == 0) {
    return Refusal::malformed;
  }
  return id;
}

Result<SubackPacket> parse_suback(const RawPacket& packet) {
  Reader in{packet.body};
  SubackPacket out;
  out.id = in.be<std::uint16_t>();
  out.granted = in.be<std::uint8_t>();
  const bool known = out.granted <= 1 || out.granted == kQosRefused;
  if (!in.done() || !is(packet, PacketType::suback) || out.id == 0 || !known) {
    return Refusal::malformed;
  }
  return out;
}

}  // namespace countersign::mcu
