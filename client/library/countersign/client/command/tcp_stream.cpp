#include "countersign/client/command/tcp_stream.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace countersign::client {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Error network(std::string text) { return {.fault = Fault::network, .text = std::move(text)}; }

int milliseconds_until(CommandDeadline until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, 60'000));
}

bool over(CommandDeadline until) { return std::chrono::steady_clock::now() >= until; }

bool try_again() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

TcpStream::~TcpStream() { close(); }

Status TcpStream::open(const std::string& host, std::uint16_t port, CommandDeadline until) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string where = std::to_string(port);
  if (const int code = getaddrinfo(host.c_str(), where.c_str(), &wanted, &found); code != 0) {
    return network("cannot find " + host + ": " + gai_strerror(code));
  }
  const Addresses addresses{found, freeaddrinfo};
  int cause = ETIMEDOUT;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (connect(*one, until)) {
      return Done{};
    }
    cause = errno;
    close();
  }
  return network("cannot connect to " + host + " port " + where + ": " + std::strerror(cause));
}

bool TcpStream::connect(const addrinfo& address, CommandDeadline until) {
  fd_ = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol);
  if (fd_ < 0) {
    return false;
  }
  if (::connect(fd_, address.ai_addr, address.ai_addrlen) == 0) {
    return true;
  }
  if (errno != EINPROGRESS) {
    return false;
  }
  if (!ready(POLLOUT, until)) {
    errno = ETIMEDOUT;
    return false;
  }
  int code = 0;
  socklen_t size = sizeof code;
  if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &code, &size) != 0) {
    return false;
  }
  errno = code;
  return code == 0;
}

bool TcpStream::send(ByteView bytes, CommandDeadline until) const {
  while (!bytes.empty() && ready(POLLOUT, until)) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && !try_again()) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
  return bytes.empty();
}

std::size_t TcpStream::receive(MutableBytes room, CommandDeadline until) const {
  std::size_t used = 0;
  while (used < room.size() && ready(POLLIN, until)) {
    const ssize_t came = recv(fd_, room.data() + used, room.size() - used, 0);
    if (came == 0 || (came < 0 && !try_again())) {
      break;
    }
    used += static_cast<std::size_t>(std::max<ssize_t>(came, 0));
  }
  return used;
}

bool TcpStream::ready(short events, CommandDeadline until) const {
  pollfd one{.fd = fd_, .events = events, .revents = 0};
  while (!over(until)) {
    if (poll(&one, 1, milliseconds_until(until)) > 0) {
      return true;
    }
  }
  return false;
}

void TcpStream::close() {
  if (fd_ >= 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

}  // namespace countersign::client
