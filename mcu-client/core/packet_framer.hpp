#pragma once

#include <cstddef>
#include <cstdint>

#include "core/mqtt_packets.hpp"

namespace countersign::mcu {

/// Cuts a stream into packets, in a buffer that is lent. What does not fit is passed over to its
/// end and counted: a broker that sends too much loses that packet, not the connection.
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
  /// Makes room for the next one.
  void next();

  /// True if the stream cannot be cut any more: a length of more than four bytes (2.2.3).
  [[nodiscard]] bool broken() const { return state_ == State::broken; }
  [[nodiscard]] std::uint32_t passed_over() const { return passed_over_; }
  /// A new connection begins.
  void reset();

 private:
  enum class State : std::uint8_t { header, body, passing, complete, broken };

  void header_byte();
  void body_begins();

  MutableBytes room_;
  std::size_t used_ = 0;    // of the buffer
  std::size_t header_ = 0;  // bytes of the fixed header so far
  std::size_t rest_ = 0;    // of the packet's body, still to come
  std::uint32_t passed_over_ = 0;
  State state_ = State::header;
};

}  // namespace countersign::mcu
