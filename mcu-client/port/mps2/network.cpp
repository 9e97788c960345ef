#include "network.hpp"

#include <cstring>

#include "board.hpp"
#include "clock.hpp"
#include "cortex_m.hpp"

extern "C" {
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/pbuf.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>
}

namespace countersign::mcu {
namespace {

constexpr Millis kCableEveryMs = 100;
constexpr Millis kStuckMs = 500;
// the program reads between, so that a burst does not fill lwIP's buffers
constexpr std::size_t kFramesAtOnce = 2;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kMinFrameBytes = 18;
constexpr std::size_t kMaxFrameBytes = 1518;
constexpr std::uint16_t kMtu = 1500;

// lwIP's hooks are plain functions of C, so what they ask is a global
constinit Random* random_source = nullptr;

Network& network_of(netif* interface) { return *static_cast<Network*>(interface->state); }

}  // namespace

extern "C" std::uint32_t sys_now() { return static_cast<std::uint32_t>(now()); }

// Sequence numbers and ports. Without entropy they can be guessed; nothing secret depends on them.
extern "C" std::uint32_t countersign_random_u32() {
  Bytes<4> bytes{};
  std::uint32_t number = 0;
  if (random_source == nullptr || !random_source->fill(bytes)) {
    return read_register(kBoard.counter);
  }
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

Network::Network(Random& random) { random_source = &random; }

bool Network::start(const Ipv4Settings& settings) {
  lwip_init();
  if (netif_add_noaddr(&interface_, this, set_up, ethernet_input) == nullptr) {
    return false;
  }
  netif_set_default(&interface_);
  netif_set_up(&interface_);
  look_at_cable(now());
  set_address(interface_, settings);
  enable_interrupt(kBoard.ethernet_irq);
  return true;
}

void Network::poll(Millis now) {
  // first acknowledge, then drain: a frame that comes between the two calls again
  chip_.acknowledge();
  std::size_t frames = 0;
  while (frames < kFramesAtOnce && receive(now)) {
    ++frames;
  }
  if (frames == kFramesAtOnce) {
    stay_awake();
  }
  sys_check_timeouts();
  if (now - looked_ >= kCableEveryMs) {
    look_at_cable(now);
  }
  enable_interrupt(kBoard.ethernet_irq);
}

bool Network::up() const {
  return netif_is_link_up(&interface_) && !ip4_addr_isany_val(*netif_ip4_addr(&interface_));
}

Bytes<4> Network::address() const {
  Bytes<4> out{};
  std::memcpy(out.data(), netif_ip4_addr(&interface_), out.size());
  return out;
}

err_t Network::set_up(netif* interface) {
  Lan9118& chip = network_of(interface).chip_;
  if (!chip.start()) {
    return ERR_IF;
  }
  interface->name[0] = 'e';
  interface->name[1] = 'n';
  interface->output = etharp_output;
  interface->linkoutput = send;
  interface->mtu = kMtu;
  interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
  interface->hwaddr_len = ETH_HWADDR_LEN;
  const Bytes<6> address = chip.address();
  std::memcpy(interface->hwaddr, address.data(), address.size());
  return ERR_OK;
}

err_t Network::send(netif* interface, pbuf* frame) {
  Lan9118& chip = network_of(interface).chip_;
  if (!chip.begin(frame->tot_len)) {
    return ERR_MEM;  // TCP sends again
  }
  for (const pbuf* part = frame; part != nullptr; part = part->next) {
    chip.put({static_cast<const std::byte*>(part->payload), part->len});
  }
  chip.end();
  return ERR_OK;
}

void Network::look_at_cable(Millis now) {
  looked_ = now;
  const bool in = chip_.link();
  if (in == (netif_is_link_up(&interface_) != 0)) {
    return;
  }
  in ? netif_set_link_up(&interface_) : netif_set_link_down(&interface_);
}

// One frame. Without a buffer it stays in the chip until the program has read what it was sent; one
// that never does must not stop ARP, and the end of its connection, for ever.
bool Network::receive(Millis now) {
  const std::size_t size = chip_.waiting();
  if (size == 0) {
    return false;
  }
  if (size < kMinFrameBytes || size > kMaxFrameBytes) {
    throw_away(size);
    return true;
  }
  pbuf* frame = read(size);
  if (frame == nullptr) {
    return wait_or_throw_away(size, now);
  }
  stuck_ = false;
  if (interface_.input(frame, &interface_) != ERR_OK) {
    pbuf_free(frame);
  }
  return true;
}

bool Network::wait_or_throw_away(std::size_t size, Millis now) {
  if (!stuck_) {
    stuck_ = true;
    stuck_since_ = now;
  }
  if (now - stuck_since_ < kStuckMs) {
    return false;
  }
  throw_away(size);
  return true;
}

// The frame without its checksum, in buffers; nullptr and still in the chip if there are none.
pbuf* Network::read(std::size_t size) {
  pbuf* frame = pbuf_alloc(PBUF_RAW, static_cast<u16_t>(size), PBUF_POOL);
  if (frame == nullptr) {
    return nullptr;
  }
  const bool whole = chip_.take();
  for (pbuf* part = frame; part != nullptr; part = part->next) {
    chip_.get({static_cast<std::byte*>(part->payload), part->len});
  }
  // one that arrived broken goes up with no bytes, and is thrown away there
  pbuf_realloc(frame, static_cast<u16_t>(whole ? size - kChecksumBytes : 0));
  return frame;
}

void Network::throw_away(std::size_t size) {
  [[maybe_unused]] const bool whole = chip_.take();
  chip_.skip(size);
}

}  // namespace countersign::mcu
