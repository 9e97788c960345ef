#pragma once

#include <cstddef>
#include <cstdint>

#include "core/mqtt_packets.hpp"

namespace countersign::mcu {

/// Cuts a stream into packets, in a buffer that is lent, of at least 8 bytes. What does not fit is
/// passed over to its end and counted: a broker that sends too much loses that packet, not the
/// connection. Of a PUBLISH with QoS 1 the packet id is read on the way, wherever the topic ends:
/// it must be acknowledged all the same, else the broker sends it again after each connection, and
/// nothing more once it has as many in flight as it allows.
class PacketFramer {
 public:
  explicit PacketFramer(MutableBytes room) : room_{room} {}

  /// Where the next bytes of the stream go, and how many may come: never more than to the end of
  /// the packet that is under way. Call `arrived` with what came.
  [[nodiscard]] MutableBytes wanted();
  void arrived(std::size_t count);

  /// True if a whole packet stands in the buffer.
  [[nodiscard]] bool complete() const { return state_ == State::complete; }
  /// That packet, once `complete`. Borrows until `next`.
  [[nodiscard]] RawPacket packet() const;
  /// True if a packet that does not fit has gone by, up to its end.
  [[nodiscard]] bool passed() const { return state_ == State::passed; }
  /// The id by which that packet is to be acknowledged; 0: it is not.
  [[nodiscard]] std::uint16_t passed_id() const { return id_; }
  /// Makes room for the next one.
  void next();

  /// True if the stream cannot be cut any more: a length of more than four bytes (2.2.3),
  /// or a PUBLISH that no broker may send.
  [[nodiscard]] bool broken() const { return state_ == State::broken; }
  [[nodiscard]] std::uint32_t passed_over() const { return passed_over_; }
  /// A new connection begins.
  void reset();

 private:
  enum class State : std::uint8_t {
    header,
    body,
    topic_size,  // what does not fit: these three only of a PUBLISH with QoS 1
    topic,
    id,
    passing,
    passed,
    complete,
    broken
  };

  void header_byte();
  void body_begins();
  void pass_over();
  void field_ends();
  void expect(State state, std::size_t bytes);

  MutableBytes room_;
  std::size_t used_ = 0;    // of the buffer
  std::size_t header_ = 0;  // bytes of the fixed header so far
  std::size_t rest_ = 0;    // of the packet's body, still to come
  std::size_t field_ = 0;   // of what `state_` reads or passes over, still to come
  std::uint16_t id_ = 0;
  std::uint32_t passed_over_ = 0;
  State state_ = State::header;
};

}  // namespace countersign::mcu
