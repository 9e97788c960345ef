#include <cstring>

#include "network.hpp"

namespace countersign::mcu {
namespace {

ip4_addr_t lwip_address(const Bytes<4>& bytes) {
  ip4_addr_t out{};
  std::memcpy(&out.addr, bytes.data(), bytes.size());
  return out;
}

}  // namespace

void set_address(netif& interface, const Ipv4Settings& settings) {
  const ip4_addr_t address = lwip_address(settings.address);
  const ip4_addr_t mask = lwip_address(settings.mask);
  const ip4_addr_t gateway = lwip_address(settings.gateway);
  netif_set_addr(&interface, &address, &mask, &gateway);
}

}  // namespace countersign::mcu
