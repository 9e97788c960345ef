#include "registrar/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace countersign::registrar {
namespace {

/// How long `address` is; 0 if `text` is none.
socklen_t parse_address(const std::string& text, std::uint16_t port, sockaddr_storage& address) {
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&address, &four, sizeof four);
    return sizeof four;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&address, &six, sizeof six);
    return sizeof six;
  }
  return 0;
}

bool begin(int socket, const sockaddr_storage& address, socklen_t size) {
  constexpr int kBacklog = 128;
  const int on = 1;
  return ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
         ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
         ::listen(socket, kBacklog) == 0;
}

}  // namespace

client::Outcome<Listener> Listener::open(const std::string& address, std::uint16_t port) {
  sockaddr_storage parsed{};
  const socklen_t size = parse_address(address, port, parsed);
  if (size == 0) {
    return client::Error{.fault = client::Fault::file,
                         .text = "listen: no address: " + address,
                         .hint = "numeric, like 127.0.0.1, 0.0.0.0 or ::"};
  }
  Listener out{::socket(parsed.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (out.socket_ < 0 || !begin(out.socket_, parsed, size)) {
    return client::Error{.fault = client::Fault::network,
                         .text = "cannot listen on " + address + " port " + std::to_string(port) +
                                 ": " + std::strerror(errno)};
  }
  return out;
}

Listener::Listener(Listener&& other) noexcept : socket_{std::exchange(other.socket_, -1)} {}

Listener::~Listener() {
  if (socket_ >= 0) {
    ::close(socket_);
  }
}

int Listener::take(sockaddr_storage& peer) const {
  socklen_t size = sizeof peer;
  const int socket =
      ::accept4(socket_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  const int on = 1;
  if (socket >= 0) {
    static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
  }
  return socket;
}

std::uint16_t Listener::port() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return 0;
  }
  sockaddr_in four{};
  std::memcpy(&four, &address, sizeof four);  // the port stands at the same place in both
  return ntohs(four.sin_port);
}

}  // namespace countersign::registrar
