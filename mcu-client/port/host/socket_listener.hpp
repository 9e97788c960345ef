#pragma once

#include "port/host/socket_link.hpp"

namespace countersign::mcu::host {

/// Waits for peers on a TCP port of the loopback and talks to one at a time.
class SocketListener {
 public:
  SocketListener() = default;
  ~SocketListener();
  SocketListener(const SocketListener&) = delete;
  SocketListener& operator=(const SocketListener&) = delete;

  [[nodiscard]] bool start(std::uint16_t port);
  /// Takes the next peer if the last one is gone.
  void poll();
  [[nodiscard]] SocketLink& peer() { return peer_; }

 private:
  int socket_ = -1;
  SocketLink peer_;
};

}  // namespace countersign::mcu::host
