#pragma once

#include <sys/socket.h>

#include <string>

namespace countersign::registrar {

/// Where a connection comes from.
struct Origin {
  std::string address;  ///< for people: "192.0.2.7", "2001:db8::1"
  std::string network;  ///< what limits count by: of IPv6 the /64, which one host has to itself
};

/// An IPv4 address mapped into IPv6 is the IPv4 address.
[[nodiscard]] Origin origin_of(const sockaddr_storage& peer);

}  // namespace countersign::registrar
