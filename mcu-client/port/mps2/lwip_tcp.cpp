#include "lwip_tcp.hpp"

#include <algorithm>
#include <cstring>

namespace countersign::mcu {
namespace {

// what one `send` may add to lwIP's queue: the rest of a segment that was begun, and a new one
constexpr std::uint32_t kQueuedBySend = 2;

// A full window. A peer of short segments may fill more: from then on they are dropped, and sent
// again by the peer, so that a program that does not read leaves buffers for other connections.
constexpr std::uint16_t kHeldBuffers =
    2 * ((TCP_MSS + 54 + PBUF_POOL_BUFSIZE - 1) / PBUF_POOL_BUFSIZE);

}  // namespace

bool LwipTcp::open(const Endpoint& to) {
  close();
  tcp_pcb* connection = tcp_new();
  if (connection == nullptr) {
    return false;
  }
  adopt(connection);
  state_ = LinkState::opening;
  ip_addr_t address{};
  std::memcpy(&address.addr, to.address.data(), to.address.size());
  if (tcp_connect(connection, &address, to.port, on_connected) != ERR_OK) {
    close();
    return false;
  }
  return true;
}

void LwipTcp::adopt(tcp_pcb* connection) {
  close();
  connection_ = connection;
  state_ = LinkState::open;
  tcp_arg(connection, this);
  tcp_recv(connection, on_received);
  tcp_err(connection, on_lost);
  tcp_nagle_disable(connection);
}

std::size_t LwipTcp::room() const {
  if (state_ != LinkState::open || connection_ == nullptr ||
      tcp_sndqueuelen(connection_) + kQueuedBySend > TCP_SND_QUEUELEN) {
    return 0;
  }
  return tcp_sndbuf(connection_);
}

bool LwipTcp::send(ByteView bytes, bool more) {
  if (bytes.size() > room()) {
    return false;
  }
  const auto flags =
      static_cast<u8_t>(more ? TCP_WRITE_FLAG_COPY | TCP_WRITE_FLAG_MORE : TCP_WRITE_FLAG_COPY);
  if (tcp_write(connection_, bytes.data(), static_cast<u16_t>(bytes.size()), flags) != ERR_OK) {
    return false;
  }
  if (!more) {
    tcp_output(connection_);  // what cannot leave now leaves with lwIP's timer
  }
  return true;
}

std::size_t LwipTcp::receive(MutableBytes room) {
  std::size_t done = 0;
  while (received_ != nullptr && done < room.size()) {
    const std::size_t size =
        std::min<std::size_t>(room.size() - done, received_->len - std::size_t{taken_});
    std::memcpy(room.data() + done, static_cast<const std::byte*>(received_->payload) + taken_,
                size);
    done += size;
    taken_ = static_cast<std::uint16_t>(taken_ + size);
    if (taken_ == received_->len) {
      drop_front();
    }
  }
  if (done != 0 && connection_ != nullptr) {
    tcp_recved(connection_, static_cast<u16_t>(done));
  }
  if (ended_ && received_ == nullptr) {
    close();
  }
  return done;
}

void LwipTcp::close() {
  forget_received();
  state_ = LinkState::closed;
  ended_ = false;
  tcp_pcb* connection = connection_;
  connection_ = nullptr;
  if (connection == nullptr) {
    return;
  }
  tcp_arg(connection, nullptr);
  tcp_recv(connection, nullptr);
  tcp_err(connection, nullptr);
  // what still waits for the peer gives way to the next connection
  tcp_setprio(connection, TCP_PRIO_MIN);
  if (tcp_close(connection) != ERR_OK) {
    tcp_abort(connection);
  }
}

err_t LwipTcp::on_connected(void* self, tcp_pcb* /*connection*/, err_t /*result*/) {
  static_cast<LwipTcp*>(self)->state_ = LinkState::open;
  return ERR_OK;
}

err_t LwipTcp::on_received(void* self, tcp_pcb* /*connection*/, pbuf* bytes, err_t /*result*/) {
  auto& link = *static_cast<LwipTcp*>(self);
  if (bytes == nullptr) {
    link.ended_ = true;
    if (link.received_ == nullptr) {
      link.state_ = LinkState::closed;
    }
    return ERR_OK;
  }
  if (link.received_ == nullptr) {
    link.received_ = bytes;
  } else if (pbuf_clen(link.received_) >= kHeldBuffers) {
    return ERR_MEM;
  } else {
    pbuf_cat(link.received_, bytes);
  }
  return ERR_OK;
}

// lwIP has freed the connection already.
void LwipTcp::on_lost(void* self, err_t /*why*/) {
  auto& link = *static_cast<LwipTcp*>(self);
  link.connection_ = nullptr;
  link.forget_received();
  link.state_ = LinkState::closed;
}

// Frees the first buffer; the rest of the chain is ours from then on.
void LwipTcp::drop_front() {
  pbuf* rest = received_->next;
  if (rest != nullptr) {
    pbuf_ref(rest);
  }
  pbuf_free(received_);
  received_ = rest;
  taken_ = 0;
}

void LwipTcp::forget_received() {
  if (received_ != nullptr) {
    pbuf_free(received_);
  }
  received_ = nullptr;
  taken_ = 0;
}

}  // namespace countersign::mcu
