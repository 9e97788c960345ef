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
#include "network.hpp"
#include "psram_flash.hpp"
#include "startup.hpp"
#include "vault/command_desk.hpp"
#include "vault/key_store.hpp"
#include "watchdog.hpp"

// The reference firmware: a mote that replays what a real one measured, signs it, keeps it in flash
// until the broker has it, and obeys commands. What it is was written to page 0 by
// countersign-flash.

namespace countersign::mcu {
namespace {

using Node = SensorNode<LwipTcp, Vault>;
using What = DeviceEvent::What;

constexpr Millis kWatchdogMs = 4'000;
constexpr std::size_t kPacketBytes = 512;

/// Keys and secrets, once; then the page has no secret any more.
bool open_keys(KeyStore& store, Flash& flash, std::size_t commanders) {
  Secrets secrets;
  const bool there = read_secrets(flash, kProvisioningRegion.first, secrets);
  const FirstSecrets first{.key = secrets.key,
                           .seed = secrets.seed.bytes(),
                           .commanders = std::span{secrets.commanders}.first(commanders)};
  return store.open(there ? &first : nullptr) && destroy_secrets(flash, kProvisioningRegion.first);
}

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
  static std::array<Word, kMaxSettingsWords> page;
  static Settings settings;
  if (!read_settings(flash, kProvisioningRegion.first, page, settings)) {
    stop("not provisioned");
  }
  LogLine{"boot"}.text("board", kBoard.name).text("identity", settings.identity);
  static KeyStore store{flash, kVaultRegion.first};
  if (!open_keys(store, flash, settings.name_count)) {
    stop("key store");
  }
  static Ring ring{flash, kRingRegion};
  if (!ring.open()) {
    stop("ring");
  }
  static Network network{store.random()};
  if (!network.start({settings.address, settings.mask, settings.gateway})) {
    stop("network");
  }
  static CommandDesk desk{store.commanders(), settings.identity, settings.commanders(),
                          settings.commands()};
  static Vault vault{store.parts(desk.responder()), profile_of(settings)};
  static ReplaySensor sensor{flash, settings.data_at, settings.data_count};
  sensor.start_at(vault.upcoming());
  static Orders orders{settings.commands()};
  static LwipTcp link;
  static Bytes<kPacketBytes> room;
  static const NodeOptions options = node_options(settings);
  static Node node{
      {link, vault, store.random(), ring, room}, sensor, orders, device_options(settings), options};
  static LwipListener listener;
  static CommandPort<LwipTcp, Node, Vault> port{listener.peer(), node, vault, settings.wake};
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
