#include <sys/random.h>

#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>
#include <thread>

#include "app/command_port.hpp"
#include "app/event_names.hpp"
#include "app/node_settings.hpp"
#include "app/replay_sensor.hpp"
#include "flash/layout.hpp"
#include "port/host/flash_file.hpp"
#include "port/host/socket_link.hpp"
#include "port/host/socket_listener.hpp"
#include "vault/command_desk.hpp"
#include "vault/key_store.hpp"

// The reference firmware as a program of this host: the same node, vault and flash, over a socket
// and a file. For tests under sanitizers, and for whoever writes a port: docs/mcu.md.
//
// usage: countersign-node FLASH [BROKER_PORT]      (the port instead of the one provisioned)

namespace countersign::mcu::host {
namespace {

using Node = SensorNode<SocketLink, Vault>;
using What = DeviceEvent::What;

volatile std::sig_atomic_t stopped = 0;
void stop(int) { stopped = 1; }

Millis now() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  static const auto begin = std::chrono::steady_clock::now();
  return duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin).count();
}

/// What tells this start from every other one, of a copy of the flash too: a host has entropy.
bool mark_start(MutableBytes mark) {
  return ::getrandom(mark.data(), mark.size(), 0) == static_cast<ssize_t>(mark.size());
}

bool open_keys(KeyStore& store, Flash& flash, std::size_t commanders) {
  Bytes<32> mark{};
  Secrets secrets;
  const bool there = read_secrets(flash, kProvisioningRegion.first, secrets);
  const FirstSecrets first{.key = secrets.key,
                           .seed = secrets.seed.bytes(),
                           .commanders = std::span{secrets.commanders}.first(commanders)};
  return mark_start(mark) && store.open(there ? &first : nullptr, mark) &&
         destroy_secrets(flash, kProvisioningRegion.first);
}

void say(const std::string& line) { std::cout << line << std::endl; }

void log_event(const DeviceEvent& event) {
  std::string line{name_of(event.what)};
  line += " ms=" + std::to_string(now());
  if (event.what == What::notice || event.what == What::discarded) {
    line += " why=" + std::string{name_of(event.notice.why)};
    line += " seq=" + std::to_string(event.notice.seq);
  }
  say(line);
}

int fail(const std::string& why) {
  std::cerr << "countersign-node: " << why << "\n";
  return 5;
}

/// Runs until SIGTERM, or until T has the last of the readings that were to be taken.
int run(Node& node, CommandPort<SocketLink, Node, Vault>& port, SocketListener& listener,
        Ring& ring, const NodeOptions& options) {
  bool done = false;
  while (stopped == 0) {
    for (DeviceEvent event = node.step(now()); event.what != What::none; event = node.step(now())) {
      if (event.what == What::fault) {
        return fail("the device stopped: " + std::string{name_of(event.fault)});
      }
      if (event.what != What::message) {
        log_event(event);
      }
    }
    listener.poll();
    port.step(now());
    Waiting waiting;
    if (!done && options.readings != 0 && node.taken() >= options.readings &&
        !ring.first(waiting)) {
      done = true;
      say("done taken=" + std::to_string(node.taken()) +
          " missed=" + std::to_string(node.missed()));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return 0;
}

int start(FlashFile& flash, std::uint16_t broker_port) {
  std::array<Word, kMaxSettingsWords> page{};
  Settings settings;
  if (!read_settings(flash, kProvisioningRegion.first, page, settings)) {
    return fail("not provisioned: countersign-flash provision makes an image");
  }
  settings.broker = {std::byte{127}, std::byte{0}, std::byte{0}, std::byte{1}};
  settings.broker_port = broker_port == 0 ? settings.broker_port : broker_port;
  KeyStore store{flash, kVaultRegion.first};
  Ring ring{flash, kRingRegion};
  if (!open_keys(store, flash, settings.name_count) || !ring.open()) {
    return fail("the key store or the ring does not open");
  }
  CommandDesk desk{store.commanders(), settings.identity, settings.commanders(),
                   settings.commands()};
  Vault vault{store.parts(desk.responder()), profile_of(settings)};
  ReplaySensor sensor{flash, settings.data_at, settings.data_count};
  sensor.start_at(vault.upcoming());
  Orders orders{settings.commands()};
  SocketLink link;
  Bytes<kPacketBytes> room{};
  const NodeOptions options = node_options(settings);
  Node node{
      {link, vault, store.random(), ring, room}, sensor, orders, device_options(settings), options};
  SocketListener listener;
  CommandPort<SocketLink, Node, Vault> port{listener.peer(), node, vault, settings.wake};
  if (settings.command_port != 0 && !listener.start(settings.command_port)) {
    return fail("cannot listen on port " + std::to_string(settings.command_port));
  }
  say("boot board=host identity=" + std::string{settings.identity});
  return run(node, port, listener, ring, options);
}

}  // namespace
}  // namespace countersign::mcu::host

int main(int count, char** arguments) {
  namespace host = countersign::mcu::host;
  if (count < 2 || count > 3) {
    std::cerr << "usage: countersign-node FLASH [BROKER_PORT]\n";
    return 2;
  }
  static_cast<void>(std::signal(SIGTERM, host::stop));
  static_cast<void>(std::signal(SIGINT, host::stop));
  auto flash = host::FlashFile::open(arguments[1]);
  if (!flash) {
    return host::fail("cannot open " + std::string{arguments[1]} + ", or another uses it");
  }
  return host::start(*flash, count == 3 ? static_cast<std::uint16_t>(std::stoul(arguments[2])) : 0);
}
