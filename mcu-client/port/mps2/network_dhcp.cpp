#include "network.hpp"

extern "C" {
#include <lwip/dhcp.h>
}

namespace countersign::mcu {

// lwIP asks again by itself, also after the cable was out.
void set_address(netif& interface, const Ipv4Settings& /*settings*/) { dhcp_start(&interface); }

}  // namespace countersign::mcu
