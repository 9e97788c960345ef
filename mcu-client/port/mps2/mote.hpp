#pragma once

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
#include "forever.hpp"
#include "lwip_listener.hpp"
#include "lwip_tcp.hpp"
#include "network.hpp"
#include "startup.hpp"
#include "watchdog.hpp"

// The reference firmware: a mote that replays what a real one measured, signs it, keeps it in flash
// until the broker has it, and obeys commands. What it is was written to page 0 by
// countersign-flash. Where its keys are, main.cpp and main_two_worlds.cpp say.

namespace countersign::mcu {

using namespace std::string_view_literals;

inline constexpr Millis kWatchdogMs = 4'000;
inline constexpr std::size_t kPacketBytes = 512;

[[noreturn]] inline void stop(std::string_view why) {
  LogLine{"fault"sv}.text("why"sv, why);
  // the watchdog starts the board anew; what failed may work then
  for (;;) {
    idle();
  }
}

inline void log_event(const DeviceEvent& event, Millis at) {
  LogLine line{name_of(event.what)};
  line.number("ms"sv, static_cast<std::uint32_t>(at));
  if (event.what == DeviceEvent::What::notice || event.what == DeviceEvent::What::discarded) {
    line.text("why"sv, name_of(event.notice.why)).number("seq"sv, event.notice.seq);
  }
  if (event.what == DeviceEvent::What::fault) {
    line.text("why"sv, name_of(event.fault));
  }
}

/// The main loop of a mote, whose node and network live elsewhere.
template <class Node>
class Mote {
 public:
  Mote(Network& network, Node& node, Ring& ring, const NodeOptions& options)
      : network_{network}, node_{node}, ring_{ring}, options_{options} {}

  void step(Millis at) {
    network_.poll(at);
    for (DeviceEvent event = node_.step(at); event.what != DeviceEvent::What::none;
         event = node_.step(at)) {
      if (event.what != DeviceEvent::What::message) {
        log_event(event, at);
      }
      if (event.what == DeviceEvent::What::fault) {
        stop("device"sv);
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
    LogLine{"done"sv}
        .number("ms"sv, static_cast<std::uint32_t>(at))
        .number("taken"sv, node_.taken())
        .number("missed"sv, node_.missed())
        .number("stack"sv, stack_peak());
  }

  Network& network_;
  Node& node_;
  Ring& ring_;
  NodeOptions options_;
  bool done_ = false;
};

/// Runs the mote until the power goes. All that is passed in lives as long.
template <Signer Keys>
[[noreturn]] void run_mote(Flash& flash, const Settings& settings, Keys& keys, Random& random) {
  using Node = SensorNode<LwipTcp, Keys>;
  auto& ring = make_forever<Ring>(flash, kRingRegion);
  if (!ring.open()) {
    stop("ring"sv);
  }
  auto& network = make_forever<Network>(random);
  if (!network.start({settings.address, settings.mask, settings.gateway})) {
    stop("network"sv);
  }
  auto& sensor = make_forever<ReplaySensor>(flash, settings.data_at, settings.data_count);
  sensor.start_at(keys.upcoming());
  auto& orders = make_forever<Orders>(settings.commands());
  auto& link = make_forever<LwipTcp>();
  static Bytes<kPacketBytes> room;
  static const NodeOptions options = node_options(settings);
  auto& node = make_forever<Node>(typename Node::Parts{link, keys, random, ring, room}, sensor,
                                  orders, device_options(settings), options);
  auto& listener = make_forever<LwipListener>();
  auto& port =
      make_forever<CommandPort<LwipTcp, Node, Keys>>(listener.peer(), node, keys, settings.wake);
  if (settings.command_port != 0 && !listener.start(settings.command_port)) {
    stop("command port"sv);
  }
  Mote<Node> mote{network, node, ring, options};
  for (;;) {
    const Millis at = now();
    mote.step(at);
    port.step(at);
    feed_watchdog();
    idle();
  }
}

}  // namespace countersign::mcu
