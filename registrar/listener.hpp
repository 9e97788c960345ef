#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "countersign/client/outcome.hpp"

namespace countersign::registrar {

/// The socket on which clients arrive.
class Listener {
 public:
  /// `address` is numeric, IPv4 or IPv6; port 0: any free one.
  [[nodiscard]] static client::Outcome<Listener> open(const std::string& address,
                                                      std::uint16_t port);
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  /// The next connection, which does not block; negative if there is none now.
  [[nodiscard]] int take(sockaddr_storage& peer) const;
  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] std::uint16_t port() const;

 private:
  explicit Listener(int socket) : socket_{socket} {}

  int socket_;
};

}  // namespace countersign::registrar
