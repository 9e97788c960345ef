#include "port/host/socket_listener.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace countersign::mcu::host {

SocketListener::~SocketListener() {
  if (socket_ >= 0) {
    ::close(socket_);
  }
}

bool SocketListener::start(std::uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return socket_ >= 0 && ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
         ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
         ::listen(socket_, 1) == 0;
}

void SocketListener::poll() {
  if (socket_ < 0 || peer_.state() != LinkState::closed) {
    return;
  }
  const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) {
    peer_.adopt(accepted);
  }
}

}  // namespace countersign::mcu::host
