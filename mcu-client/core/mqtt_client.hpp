#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/mqtt_packets.hpp"
#include "core/packet_framer.hpp"
#include "core/transport.hpp"

namespace countersign::mcu {

inline constexpr std::size_t kMaxTopicBytes = 128;
inline constexpr Millis kOpenPatienceMs = 10'000;

/// What happened, one thing at a time. `message` borrows from the client until the next `poll`.
struct MqttEvent {
  enum class What : std::uint8_t {
    none,
    linked,        ///< TCP is open: `connect` now
    online,        ///< CONNACK accepted; `session_present`
    refused,       ///< CONNACK refused, with `code`; the connection is closed
    message,       ///< a PUBLISH arrived; one with QoS 1 is acknowledged at the next `poll`
    acknowledged,  ///< PUBACK for `id`
    subscribed,    ///< SUBACK for `id`; `code` is the QoS granted, or 0x80
    lost           ///< the connection ended, by whomever
  };

  What what = What::none;
  bool session_present = false;
  std::uint8_t code = 0;
  std::uint16_t id = 0;
  PublishPacket message{};
};

/// An MQTT 3.1.1 connection that never blocks and never allocates: the session of packets. What is
/// sent again, and when to connect, is its owner's to say. Not thread-safe.
///
/// `link` and `room` outlive it. `room` bounds the packets that can be received; at least 64 bytes,
/// and as many as CONNECT takes. A message that is larger is lost, and acknowledged.
template <Transport Link>
class MqttClient {
 public:
  using What = MqttEvent::What;

  MqttClient(Link& link, MutableBytes room) : link_{link}, room_{room}, framer_{room} {}

  /// Starts a connection; ends the one there was, without an event. False: not possible now.
  [[nodiscard]] bool open(const Endpoint& to, Millis now) {
    close();
    phase_ = link_.open(to) ? Phase::opening : Phase::closed;
    since_ = now;
    return phase_ == Phase::opening;
  }

  /// Sends CONNECT, after `linked`. `packet.keep_alive_s` rules the pings; 0: none.
  [[nodiscard]] bool connect(const ConnectPacket& packet, Millis now) {
    // nothing has been received yet, so the buffer is free
    Writer out{room_};
    write_connect(packet, out);
    keep_alive_ms_ = Millis{packet.keep_alive_s} * 1000;
    phase_ = Phase::connecting;
    since_ = now;
    const bool sent = out.ok() && send(out.written(), now);
    wipe(room_.first(out.written().size()));  // it may hold a password
    return sent;
  }

  /// The next thing that happened; `none` if nothing did. Call it often, and until it says so.
  // not inlined, nor are `publish` and `subscribe`: the stack of a device is small
  [[nodiscard, gnu::noinline]] MqttEvent poll(Millis now) {
    settle_last(now);
    if (phase_ == Phase::closed) {
      return {};
    }
    if (link_.state() == LinkState::closed || is_late(now)) {
      return lose();
    }
    if (phase_ == Phase::opening) {
      return link_.state() == LinkState::open ? link_up(now) : MqttEvent{};
    }
    receive(now);
    if (framer_.complete()) {
      return take(framer_.packet());
    }
    const bool too_early = framer_.passed() && phase_ != Phase::online;
    return framer_.broken() || too_early || !keep_alive(now) ? lose() : MqttEvent{};
  }

  /// \returns false, and sends nothing, without a connection or room for all of it: try later.
  [[nodiscard, gnu::noinline]] bool publish(const PublishPacket& packet, Millis now) {
    Bytes<kMaxFixedHeaderBytes + 2 + kMaxTopicBytes + 2> head;
    Writer out{head};
    write_publish_head(packet, out);
    if (phase_ != Phase::online || !out.ok() ||
        link_.room() < out.written().size() + packet.payload.size()) {
      return false;
    }
    last_sent_ = now;
    if (!link_.send(out.written(), !packet.payload.empty())) {
      return false;
    }
    if (!packet.payload.empty() && !link_.send(packet.payload, false)) {
      link_.close();  // half a packet is on its way; the next `poll` says lost
      return false;
    }
    return true;
  }

  [[nodiscard, gnu::noinline]] bool subscribe(std::uint16_t id, std::string_view filter,
                                              std::uint8_t qos, Millis now) {
    Bytes<kMaxFixedHeaderBytes + 2 + 2 + kMaxTopicBytes + 1> packet;
    Writer out{packet};
    write_subscribe(id, filter, qos, out);
    return phase_ == Phase::online && out.ok() && send(out.written(), now);
  }

  /// Says DISCONNECT, so that the broker forgets the will, and ends the connection. No event.
  void disconnect(Millis now) {
    if (phase_ == Phase::online) {
      send_empty(PacketType::disconnect, now);
    }
    close();
  }

  /// Ends the connection as a fault would: the will fires. No event.
  void close() {
    if (phase_ != Phase::closed) {
      link_.close();
    }
    phase_ = Phase::closed;
    framer_.reset();
    taken_ = false;
    pinged_ = false;
    acknowledge_ = 0;
  }

  [[nodiscard]] bool online() const { return phase_ == Phase::online; }
  [[nodiscard]] bool closed() const { return phase_ == Phase::closed; }
  /// Packets that were larger than the buffer.
  [[nodiscard]] std::uint32_t passed_over() const { return framer_.passed_over(); }

 private:
  enum class Phase : std::uint8_t { closed, opening, connecting, online };

  MqttEvent link_up(Millis now) {
    framer_.reset();
    last_heard_ = now;
    last_sent_ = now;
    since_ = now;
    phase_ = Phase::connecting;
    return {.what = What::linked};
  }

  MqttEvent lose() {
    close();
    return {.what = What::lost};
  }

  [[nodiscard]] bool is_late(Millis now) const {
    return phase_ != Phase::online && now - since_ >= kOpenPatienceMs;
  }

  /// The packet of the last event is done with: acknowledged, and out of the buffer.
  void settle_last(Millis now) {
    if (acknowledge_ != 0) {
      // without room the broker sends the message again after the next connection
      static_cast<void>(puback(acknowledge_, now));
      acknowledge_ = 0;
    }
    if (taken_) {
      framer_.next();
      taken_ = false;
    }
  }

  void receive(Millis now) {
    while (!framer_.passed() || pass_over(now)) {
      const MutableBytes room = framer_.wanted();
      const std::size_t count = room.empty() ? 0 : link_.receive(room);
      if (count == 0) {
        return;
      }
      framer_.arrived(count);
      last_heard_ = now;
    }
  }

  /// A packet was larger than the buffer: nobody sees it, but it is acknowledged if it wants to be.
  /// \returns false if that cannot be said now.
  bool pass_over(Millis now) {
    if (phase_ != Phase::online ||
        (framer_.passed_id() != 0 && !puback(framer_.passed_id(), now))) {
      return false;
    }
    framer_.next();
    return true;
  }

  bool puback(std::uint16_t id, Millis now) {
    Bytes<4> packet;
    Writer out{packet};
    write_puback(id, out);
    return send(out.written(), now);
  }

  MqttEvent take(const RawPacket& packet) {
    taken_ = true;
    if (phase_ == Phase::connecting) {
      return take_connack(packet);
    }
    switch (packet.type()) {
      case PacketType::publish:
        return take_message(packet);
      case PacketType::puback:
        return take_puback(packet);
      case PacketType::suback:
        return take_suback(packet);
      case PacketType::pingresp:
        pinged_ = false;
        return {};
      default:
        return lose();
    }
  }

  MqttEvent take_connack(const RawPacket& packet) {
    const auto answer = parse_connack(packet);
    if (!answer) {
      return lose();
    }
    if (answer->code != 0) {
      close();
      return {.what = What::refused, .code = answer->code};
    }
    phase_ = Phase::online;
    return {.what = What::online, .session_present = answer->session_present};
  }

  MqttEvent take_message(const RawPacket& packet) {
    const auto message = parse_publish(packet);
    if (!message) {
      return lose();
    }
    acknowledge_ = message->id;
    return {.what = What::message, .id = message->id, .message = *message};
  }

  MqttEvent take_puback(const RawPacket& packet) {
    const auto id = parse_puback(packet);
    return id ? MqttEvent{.what = What::acknowledged, .id = *id} : lose();
  }

  MqttEvent take_suback(const RawPacket& packet) {
    const auto answer = parse_suback(packet);
    return answer ? MqttEvent{.what = What::subscribed, .code = answer->granted, .id = answer->id}
                  : lose();
  }

  /// Asks for a sign of life when there was none for half the time, in either direction.
  /// \returns false if the last question got no answer: the other side is gone.
  bool keep_alive(Millis now) {
    const Millis half = keep_alive_ms_ / 2;
    if (half == 0 || phase_ != Phase::online) {
      return true;
    }
    if (pinged_) {
      return now - pinged_at_ < half;
    }
    if (now - last_sent_ >= half || now - last_heard_ >= half) {
      pinged_ = true;
      pinged_at_ = now;
      send_empty(PacketType::pingreq, now);
    }
    return true;
  }

  void send_empty(PacketType type, Millis now) {
    Bytes<2> packet;
    Writer out{packet};
    write_empty(type, out);
    static_cast<void>(send(out.written(), now));
  }

  bool send(ByteView packet, Millis now) {
    last_sent_ = now;
    return link_.room() >= packet.size() && link_.send(packet, false);
  }

  Link& link_;
  MutableBytes room_;
  PacketFramer framer_;
  Millis keep_alive_ms_ = 0;
  Millis since_ = 0;
  Millis last_sent_ = 0;
  Millis last_heard_ = 0;
  Millis pinged_at_ = 0;
  std::uint16_t acknowledge_ = 0;
  Phase phase_ = Phase::closed;
  bool taken_ = false;
  bool pinged_ = false;
};

}  // namespace countersign::mcu
