#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "countersign/bytes.hpp"
#include "countersign/result.hpp"

/// The packets of MQTT 3.1.1 (OASIS standard, 29 October 2014) as a client writes and reads them.
namespace countersign::mcu {

/// What the first byte of a packet says in its upper four bits (2.2.1).
enum class PacketType : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  subscribe = 8,
  suback = 9,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
};

inline constexpr std::size_t kMaxFixedHeaderBytes = 5;
inline constexpr std::uint8_t kQosRefused = 0x80;

/// The will of a connection (3.1.2.5). Borrows; no topic: none.
struct MqttWill {
  std::string_view topic;
  ByteView payload;
  std::uint8_t qos = 0;
  bool retain = false;
};

/// CONNECT (3.1). Borrows.
struct ConnectPacket {
  std::string_view client_id;
  std::string_view username;  ///< empty: none
  ByteView password;          ///< empty: none
  MqttWill will;
  std::uint16_t keep_alive_s = 0;
  bool clean = true;
};

/// PUBLISH (3.3), as sent or as received. Borrows.
struct PublishPacket {
  std::string_view topic;
  ByteView payload;
  std::uint8_t qos = 0;  ///< 0 or 1
  bool retain = false;
  bool again = false;    ///< DUP
  std::uint16_t id = 0;  ///< only with QoS 1
};

struct ConnackPacket {
  bool session_present = false;
  std::uint8_t code = 0;
};

struct SubackPacket {
  std::uint16_t id = 0;
  std::uint8_t granted = 0;  ///< or `kQosRefused`
};

/// A packet as cut out of the stream. Borrows.
struct RawPacket {
  std::uint8_t first = 0;  ///< type and flags
  ByteView body;           ///< what the remaining length counts
  [[nodiscard]] PacketType type() const { return static_cast<PacketType>(first >> 4); }
  [[nodiscard]] std::uint8_t qos() const { return (first >> 1) & 3U; }  ///< of a PUBLISH
};

/// How many bytes `write_connect` writes.
[[nodiscard]] std::size_t connect_bytes(const ConnectPacket& packet);

/// Writes the packet whole. `out.ok()` says whether it did fit.
void write_connect(const ConnectPacket& packet, Writer& out);
void write_subscribe(std::uint16_t id, std::string_view filter, std::uint8_t qos, Writer& out);
void write_puback(std::uint16_t id, Writer& out);
/// PINGREQ or DISCONNECT: two bytes.
void write_empty(PacketType type, Writer& out);

/// The part of a PUBLISH before its payload, so that nobody copies that.
void write_publish_head(const PublishPacket& packet, Writer& out);

/// Each returns `malformed` for what no broker may send.
[[nodiscard]] Result<ConnackPacket> parse_connack(const RawPacket& packet);
[[nodiscard]] Result<PublishPacket> parse_publish(const RawPacket& packet);
[[nodiscard]] Result<std::uint16_t> parse_puback(const RawPacket& packet);
[[nodiscard]] Result<SubackPacket> parse_suback(const RawPacket& packet);

}  // namespace countersign::mcu
