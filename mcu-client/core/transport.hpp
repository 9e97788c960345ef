#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include "countersign/bytes.hpp"

namespace countersign::mcu {

/// Where a broker or a peer listens.
struct Endpoint {
  Bytes<4> address{};  ///< IPv4, as on the wire
  std::uint16_t port = 0;
};

enum class LinkState : std::uint8_t { closed, opening, open };

/// A TCP connection that never blocks. A board supplies one (docs/mcu.md).
/// - `open` starts to connect; false: not possible now.
/// - `send` takes all of `bytes` or nothing; with `more`, another part of the same segment follows
///   at once.
/// - `receive` gives what has arrived, at most `room.size()` bytes, 0 if there is nothing.
/// - `close` ends the connection at once, whatever was still to be sent; it may be called in every
///   state.
template <class T>
concept Transport = requires(T& link, const T& seen, const Endpoint& to, ByteView bytes,
                             MutableBytes room, bool more) {
  { link.open(to) } -> std::same_as<bool>;
  { seen.state() } -> std::same_as<LinkState>;
  { seen.room() } -> std::convertible_to<std::size_t>;
  { link.send(bytes, more) } -> std::same_as<bool>;
  { link.receive(room) } -> std::convertible_to<std::size_t>;
  link.close();
};

}  // namespace countersign::mcu
