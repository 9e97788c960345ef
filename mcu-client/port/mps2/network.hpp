#pragma once

#include <cstddef>

#include "countersign/bytes.hpp"
#include "countersign/crypto.hpp"
#include "lan9118.hpp"

extern "C" {
#include <lwip/netif.h>
}

namespace countersign::mcu {

/// A place in an IPv4 network. Where the build has DHCP, the network's own answer counts instead.
struct Ipv4Settings {
  Bytes<4> address{};
  Bytes<4> mask{};
  Bytes<4> gateway{};
};

/// lwIP over the board's Ethernet. There is one, since lwIP has one state.
class Network {
 public:
  /// `random` makes TCP's sequence numbers and ports; it outlives the network.
  explicit Network(Random& random);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// \returns false if the chip does not answer.
  [[nodiscard]] bool start(const Ipv4Settings& settings);

  /// Takes what arrived, sends what is due, looks at the cable. Often: each turn of the main loop.
  void poll(Millis now);

  /// Cable and address are there.
  [[nodiscard]] bool up() const;
  /// In the order of its bytes; zeros while there is none.
  [[nodiscard]] Bytes<4> address() const;

 private:
  static err_t set_up(netif* interface);
  static err_t send(netif* interface, pbuf* frame);

  void look_at_cable(Millis now);
  [[nodiscard]] bool receive(Millis now);
  [[nodiscard]] pbuf* read(std::size_t size);
  [[nodiscard]] bool wait_or_throw_away(std::size_t size, Millis now);
  void throw_away(std::size_t size);

  Lan9118 chip_;
  netif interface_{};
  Millis looked_ = 0;
  Millis stuck_since_ = 0;
  bool stuck_ = false;
};

/// Gives the interface its address: network_static.cpp or network_dhcp.cpp, as the build chooses.
void set_address(netif& interface, const Ipv4Settings& settings);

}  // namespace countersign::mcu
