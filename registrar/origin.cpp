#include "registrar/origin.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace countersign::registrar {
namespace {

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(family, address, text.data(), text.size()) == nullptr ? "unknown"
                                                                           : text.data();
}

}  // namespace

Origin origin_of(const sockaddr_storage& peer) {
  if (peer.ss_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &peer, sizeof four);
    const std::string text = text_of(AF_INET, &four.sin_addr);
    return {text, text};
  }
  if (peer.ss_family != AF_INET6) {
    return {"unknown", "unknown"};
  }
  sockaddr_in6 six{};
  std::memcpy(&six, &peer, sizeof six);
  if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
    const std::string text = text_of(AF_INET, &six.sin6_addr.s6_addr[12]);
    return {text, text};
  }
  Origin out{text_of(AF_INET6, &six.sin6_addr), {}};
  std::memset(&six.sin6_addr.s6_addr[8], 0, 8);
  out.network = text_of(AF_INET6, &six.sin6_addr) + "/64";
  return out;
}

}  // namespace countersign::registrar
