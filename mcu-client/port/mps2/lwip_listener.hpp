#pragma once

#include <cstdint>

#include "lwip_tcp.hpp"

namespace countersign::mcu {

/// Waits for peers on a TCP port and talks to one at a time; another one is turned away.
class LwipListener {
 public:
  LwipListener() = default;
  LwipListener(const LwipListener&) = delete;
  LwipListener& operator=(const LwipListener&) = delete;
  ~LwipListener() = default;

  /// \returns false if lwIP has no room.
  [[nodiscard]] bool start(std::uint16_t port);

  /// The peer's connection; closed while there is none.
  [[nodiscard]] LwipTcp& peer() { return peer_; }

 private:
  static err_t on_accepted(void* self, tcp_pcb* connection, err_t result);

  LwipTcp peer_;
};

}  // namespace countersign::mcu
