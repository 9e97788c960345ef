#pragma once

#include <cstddef>
#include <cstdint>

#include "core/transport.hpp"

extern "C" {
#include <lwip/tcp.h>
}

namespace countersign::mcu {

/// A `Transport` on lwIP. What arrives stays in lwIP's buffers until `receive` takes it, and the
/// peer's window opens only then. Does not move: lwIP keeps its address.
class LwipTcp {
 public:
  LwipTcp() = default;
  LwipTcp(const LwipTcp&) = delete;
  LwipTcp& operator=(const LwipTcp&) = delete;
  ~LwipTcp() { close(); }

  [[nodiscard]] bool open(const Endpoint& to);
  [[nodiscard]] LinkState state() const { return state_; }
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] bool send(ByteView bytes, bool more);
  std::size_t receive(MutableBytes room);
  void close();

  /// Takes over a connection that a peer opened.
  void adopt(tcp_pcb* connection);

 private:
  static err_t on_connected(void* self, tcp_pcb* connection, err_t result);
  static err_t on_received(void* self, tcp_pcb* connection, pbuf* bytes, err_t result);
  static void on_lost(void* self, err_t why);

  void drop_front();
  void forget_received();

  tcp_pcb* connection_ = nullptr;
  pbuf* received_ = nullptr;
  std::uint16_t taken_ = 0;  // of the first buffer
  LinkState state_ = LinkState::closed;
  bool ended_ = false;  // the peer sends no more
};

static_assert(Transport<LwipTcp>);

}  // namespace countersign::mcu
