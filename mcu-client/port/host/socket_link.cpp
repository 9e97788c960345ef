#include "port/host/socket_link.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace countersign::mcu::host {
namespace {

/// As much as a small stack would take: what is larger has to be tried again, here too.
constexpr std::size_t kSendBuffer = 2'048;

sockaddr_in address_of(const Endpoint& to) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(to.port);
  std::memcpy(&address.sin_addr, to.address.data(), to.address.size());
  return address;
}

bool is_writable(int socket) {
  pollfd one{.fd = socket, .events = POLLOUT, .revents = 0};
  return ::poll(&one, 1, 0) == 1;
}

int error_of(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

bool SocketLink::open(const Endpoint& to) {
  close();
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) {
    return false;
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const sockaddr_in address = address_of(to);
  const int answer =
      ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (answer != 0 && errno != EINPROGRESS) {
    close();
    return false;
  }
  state_ = LinkState::opening;
  return true;
}

LinkState SocketLink::state() const {
  if (state_ == LinkState::opening && is_writable(socket_)) {
    state_ = error_of(socket_) == 0 ? LinkState::open : LinkState::closed;
  }
  return state_;
}

std::size_t SocketLink::room() const {
  int waiting = 0;
  if (state_ != LinkState::open || ::ioctl(socket_, TIOCOUTQ, &waiting) != 0) {
    return 0;
  }
  const auto used = static_cast<std::size_t>(waiting);
  return used < kSendBuffer ? kSendBuffer - used : 0;
}

bool SocketLink::send(ByteView bytes, bool more) {
  if (state_ != LinkState::open) {
    return false;
  }
  const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), flags);
  if (sent != static_cast<ssize_t>(bytes.size())) {
    state_ = LinkState::closed;  // part of it may be gone: the stream is worth nothing
    return false;
  }
  return true;
}

std::size_t SocketLink::receive(MutableBytes room) {
  if (state_ != LinkState::open || room.empty()) {
    return 0;
  }
  const ssize_t count = ::recv(socket_, room.data(), room.size(), 0);
  if (count > 0) {
    return static_cast<std::size_t>(count);
  }
  if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
    state_ = LinkState::closed;
  }
  return 0;
}

void SocketLink::adopt(int socket) {
  close();
  socket_ = socket;
  state_ = LinkState::open;
}

void SocketLink::close() {
  if (socket_ != kNone) {
    ::close(socket_);
  }
  socket_ = kNone;
  state_ = LinkState::closed;
}

}  // namespace countersign::mcu::host
