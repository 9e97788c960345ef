#pragma once

#include "core/transport.hpp"

namespace countersign::mcu::host {

/// `Transport` over a POSIX socket that does not block. Owns it.
class SocketLink {
 public:
  SocketLink() = default;
  ~SocketLink() { close(); }
  SocketLink(const SocketLink&) = delete;
  SocketLink& operator=(const SocketLink&) = delete;

  [[nodiscard]] bool open(const Endpoint& to);
  [[nodiscard]] LinkState state() const;
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] bool send(ByteView bytes, bool more);
  [[nodiscard]] std::size_t receive(MutableBytes room);
  void close();

  /// Takes over a connected socket.
  void adopt(int socket);

 private:
  static constexpr int kNone = -1;

  int socket_ = kNone;
  mutable LinkState state_ = LinkState::closed;
};

}  // namespace countersign::mcu::host
