#include <array>

#include "app/command_port.hpp"
#include "app/event_names.hpp"
#include "app/node_settings.hpp"
#include "app/replay_sensor.hpp"
#include "board.hpp"
#include "clock.hpp"
#include "console.hpp"
#include "cortex_m.hpp"
#include "flash/layout.hpp"
#include "lwip_listener.hpp"
#include "lwip_tcp.hpp"
#include "mote_keys.hpp"
#include "network.hpp"
#include "psram_flash.hpp"
#include "startup.hpp"
#include "watchdog.hpp"

// The reference firmware: a mote that replays what a real one measured, signs it, keeps it in flash
// until the broker has it, and obeys commands. What it is was written to page 0 by
// countersign-flash.

namespace countersign::mcu {
namespace {

using Node = SensorNode<LwipTcp, Keys>;
using What = DeviceEvent::What;

constexpr Millis kWatchdogMs = 4'000;
constexpr std::size_t kPacketBytes = 512;

[[noreturn]] void stop(std::string_view why) {
  LogLine{"fault"}.text("why", why);
  // the watchdog starts the board anew; what failed may work then
  for (;;) {
    idle();
  }
}

void log_event(const DeviceEvent& event, Millis at) {
  LogLine line{name_of(event.what)};
  line.number("ms", static_cast<std::uint32_t>(at));
  if (event.what == What::notice || event.what == What::discarded) {
    line.text("why", name_of(event.notice.why)).number("seq", event.notice.seq);
  }
  if (event.what == What::fault) {
    line.text("why", name_of(event.fault));
  }
}

class Firmware {
 public:
  Firmware(Network& network, Node& node, Ring& ring, const NodeOptions& options)
      : network_{network}, node_{node}, ring_{ring}, options_{options} {}

  void step(Millis at) {
    network_.poll(at);
    for (DeviceEvent event = node_.step(at); event.what != What::none; event = node_.step(at)) {
      if (event.what != What::message) {
        log_event(event, at);
      }
      if (event.what == What::fault) {
        stop("device");
      }
    }
    say_when_done(at);
  }

 private:
  /// A node that was to take so many readings says when T has the last of them.
  void say_when_done(Millis at) {
    Waiting waiting;
    if (done_ || options_.readings == 0 || node_.taken() < options_.readings ||
        ring_.first(waiting)) {
      return;
    }
    done_ = true;
    LogLine{"done"}
        .number("ms", static_cast<std::uint32_t>(at))
        .number("taken", node_.taken())
        .number("missed", node_.missed())
        .number("stack", stack_peak());
  }

  Network& network_;
  Node& node_;
  Ring& ring_;
  NodeOptions options_;
  bool done_ = false;
};

}  // namespace

void firmware() {
  start_clock();
  start_watchdog(kWatchdogMs);
  static PsramFlash flash;
  static Settings settings;
  if (read_own_settings(flash, settings).empty()) {
    stop("not provisioned");
  }
  LogLine{"boot"}.text("board", kBoard.name).text("identity", settings.identity);
  const MoteKeys opened = open_keys(flash, settings);
  if (opened.keys == nullptr) {
    stop("key store");
  }
  Keys& keys = *opened.keys;
  Random& random = *opened.random;
  static Ring ring{flash, kRingRegion};
  if (!ring.open()) {
    stop("ring");
  }
  static Network network{random};
  if (!network.start({settings.address, settings.mask, settings.gateway})) {
    stop("network");
  }
  static ReplaySensor sensor{flash, settings.data_at, settings.data_count};
  sensor.start_at(keys.upcoming());
  static Orders orders{settings.commands()};
  static LwipTcp link;
  static Bytes<kPacketBytes> room;
  static const NodeOptions options = node_options(settings);
  static Node node{
      {link, keys, random, ring, room}, sensor, orders, device_options(settings), options};
  static LwipListener listener;
  static CommandPort<LwipTcp, Node, Keys> port{listener.peer(), node, keys, settings.wake};
  if (settings.command_port != 0 && !listener.start(settings.command_port)) {
    stop("command port");
  }
  Firmware firmware{network, node, ring, options};
  for (;;) {
    const Millis at = now();
    firmware.step(at);
    port.step(at);
    feed_watchdog();
    idle();
  }
}

}  // namespace countersign::mcu
