#include <algorithm>
#include <cstring>

#include "board.hpp"
#include "clock.hpp"
#include "console.hpp"
#include "cortex_m.hpp"
#include "lwip_listener.hpp"
#include "lwip_tcp.hpp"
#include "network.hpp"
#include "psram_flash.hpp"
#include "startup.hpp"
#include "watchdog.hpp"

// The port alone, to see that a board works: it boots, logs in at a broker with plain MQTT, watches
// the cable. What it is to do stands in page 0 of the flash: "BRNG", the broker's port, and a mode.

namespace countersign::mcu {
namespace {

constexpr Ipv4Settings kSettings{
    .address = {std::byte{10}, std::byte{0}, std::byte{2}, std::byte{15}},
    .mask = {std::byte{255}, std::byte{255}, std::byte{255}, std::byte{0}},
    .gateway = {std::byte{10}, std::byte{0}, std::byte{2}, std::byte{2}},
};
constexpr Millis kWatchdogMs = 500;
constexpr std::uint16_t kEchoPort = 7;

enum class Mode : std::uint8_t { leave = 0, stay = 1, hang = 2, fault = 3, overflow = 4 };

struct Order {
  std::uint16_t port = 0;
  Mode mode = Mode::leave;
};

// Not for keys: the board's counter, stirred.
class Stirred final : public Random {
 public:
  [[nodiscard]] bool fill(MutableBytes out) override {
    for (std::byte& b : out) {
      state_ = state_ * 1664525U + 1013904223U + read_register(kBoard.counter);
      b = static_cast<std::byte>(state_ >> 24U);
    }
    return true;
  }

 private:
  std::uint32_t state_ = 1;
};

bool read_order(const Flash& flash, Order& order) {
  Bytes<7> page{};
  if (!flash.read(0, page) || text_of(page).substr(0, 4) != "BRNG") {
    return false;
  }
  Reader reader{ByteView{page}.subspan(4)};
  order.port = reader.be<std::uint16_t>();
  order.mode = static_cast<Mode>(reader.be<std::uint8_t>());
  return true;
}

// CONNECT of a client named "bringup", in two parts, as the real client sends.
bool send_connect(LwipTcp& link) {
  constexpr std::string_view kFixed{"\x10\x13", 2};
  constexpr std::string_view kBody{"\0\4MQTT\4\2\0\x3c\0\7bringup", 19};
  return link.send(bytes_of(kFixed), true) && link.send(bytes_of(kBody), false);
}

bool flash_works(Flash& flash) {
  constexpr std::uint32_t kPage = 5;
  constexpr Bytes<4> kWord{std::byte{0xF0}, std::byte{1}, std::byte{2}, std::byte{3}};
  constexpr Bytes<4> kOther{std::byte{0x3C}, std::byte{1}, std::byte{2}, std::byte{3}};
  Bytes<4> back{};
  return flash.erase(kPage) && flash.program(kPage * kPageBytes, kWord) &&
         flash.program(kPage * kPageBytes, kOther) && flash.read(kPage * kPageBytes, back) &&
         back[0] == std::byte{0x30} && !flash.program(kPage * kPageBytes + 2, kWord) &&
         !flash.erase(flash.pages());
}

[[noreturn]] void leave() {
  LogLine{"stack"}.number("peak", stack_peak());
  reset_board();
}

// Deeper and deeper, without a way for the compiler to make it a loop.
std::uint32_t deepen(volatile std::uint32_t* above) {
  volatile std::uint32_t here[16] = {*above};
  return *above == 1 ? 0 : deepen(here) + here[0];
}

void misbehave(Mode mode) {
  if (mode == Mode::hang) {
    for (;;) {
    }
  }
  if (mode == Mode::fault) {
    write_register(0xF0000000, 1);
  }
  if (mode == Mode::overflow) {
    volatile std::uint32_t start = 0;
    LogLine{"deep"}.number("is", deepen(&start));
  }
}

// What a peer sends goes back, no faster than it takes it.
void echo(LwipTcp& peer) {
  Bytes<200> buffer{};
  const std::size_t size =
      peer.receive(MutableBytes{buffer}.first(std::min(buffer.size(), peer.room())));
  if (size != 0 && !peer.send(ByteView{buffer}.first(size), false)) {
    LogLine{"send"}.text("failed", "echo");
  }
}

class Bringup {
 public:
  Bringup(Network& network, LwipTcp& link, Order order)
      : network_{network}, link_{link}, order_{order} {}

  void step(Millis at) {
    network_.poll(at);
    watch_network(at);
    watch_link(at);
    feed_watchdog();
  }

 private:
  void watch_network(Millis at) {
    if (network_.up() == up_) {
      return;
    }
    up_ = network_.up();
    std::uint32_t address = 0;
    std::memcpy(&address, network_.address().data(), sizeof address);
    LogLine{up_ ? "network-up" : "network-down"}
        .number("ms", static_cast<std::uint32_t>(at))
        .hex("address", __builtin_bswap32(address));
    if (up_ && link_.state() == LinkState::closed) {
      const Endpoint broker{kSettings.gateway, order_.port};
      LogLine{"open"}.number("done", link_.open(broker) ? 1 : 0);
    }
  }

  void watch_link(Millis at) {
    if (link_.state() != state_) {
      state_ = link_.state();
      LogLine{"link"}.number("state", static_cast<std::uint32_t>(state_));
      if (state_ == LinkState::open && !send_connect(link_)) {
        LogLine{"send"}.text("failed", "connect");
      }
    }
    Bytes<4> answer{};
    if (link_.receive(answer) == answer.size()) {
      LogLine{"connack"}
          .number("ms", static_cast<std::uint32_t>(at))
          .number("code", std::to_integer<std::uint32_t>(answer[3]));
      misbehave(order_.mode);
      if (order_.mode == Mode::leave) {
        leave();
      }
    }
  }

  Network& network_;
  LwipTcp& link_;
  Order order_;
  LinkState state_ = LinkState::closed;
  bool up_ = false;
};

}  // namespace

void firmware() {
  LogLine{"boot"}.text("board", kBoard.name);
  start_clock();
  start_watchdog(kWatchdogMs);
  static PsramFlash flash;
  Order order{};
  const bool ordered = read_order(flash, order);
  LogLine{"flash"}.number("works", flash_works(flash) ? 1 : 0).number("ordered", ordered ? 1 : 0);
  static Stirred random;
  static Network network{random};
  if (!network.start(kSettings)) {
    LogLine{"network"}.text("failed", "no chip");
    return;
  }
  static LwipTcp link;
  static LwipListener listener;
  LogLine{"listen"}.number("done", listener.start(kEchoPort) ? 1 : 0);
  Bringup bringup{network, link, order};
  for (;;) {
    bringup.step(now());
    echo(listener.peer());
    idle();
  }
}

}  // namespace countersign::mcu
