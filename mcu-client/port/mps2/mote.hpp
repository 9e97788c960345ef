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

[[noreturn]] inline void stop(std::string_view why) {
  LogLine{"fault"sv}.text("why"sv, why);
  // the watchdog starts the board anew; what failed may work then
  for (;;) {
    idle();
  }
}

[[gnu::noinline]] inline void log_event(const DeviceEvent& event, Millis at) {
  LogLine line{name_of(event.what)};
  line.number("ms"sv, static_cast<std::uint32_t>(at));
  if (event.what == DeviceEvent::What::notice || event.what == DeviceEvent::What::discarded) {
    line.text("why"sv, name_of(event.notice.why)).number("seq"sv, event.notice.seq);
  }
  if (event.what == DeviceEvent::What::fault) {
    line.text("why"sv, name_of(event.fault));
  }
}

/// The main loop of a mote, whose parts live elsewhere.
template <Signer Keys>
class Mote {
 public:
  using Node = SensorNode<LwipTcp, Keys>;
  using Port = CommandPort<LwipTcp, Node, Keys>;

  Mote(Network& network, Node& node, Ring& ring, Port& port, std::uint32_t readings)
      : network_{network}, node_{node}, ring_{ring}, port_{port}, readings_{readings} {}

  void step(Millis at) {
    network_.poll(at);
    while (heed(node_.step(at), at)) {
    }
    say_when_done(at);
    port_.step(at);
  }

 private:
  /// \returns false if nothing happened.
  static bool heed(const DeviceEvent& event, Millis at) {
    if (event.what == DeviceEvent::What::none) {
      return false;
    }
    if (event.what != DeviceEvent::What::message) {
      log_event(event, at);
    }
    if (event.what == DeviceEvent::What::fault) {
      stop("device"sv);
    }
    return true;
  }

  /// A node that was to take so many readings says when T has the last of them.
  [[gnu::noinline]] void say_when_done(Millis at) {
    Waiting waiting;
    if (done_ || readings_ == 0 || node_.taken() < readings_ || ring_.first(waiting)) {
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
  Port& port_;
  std::uint32_t readings_;
  bool done_ = false;
};

/// Makes all of a mote, once. Not inlined: what this needs of the stack is given back.
template <Signer Keys>
[[gnu::noinline]] Mote<Keys>& make_mote(Flash& flash, const Settings& settings, Keys& keys,
                                        Random& random) {
  using Made = Mote<Keys>;
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
  auto& node = make_forever<typename Made::Node>(
      typename Made::Node::Parts{link, keys, random, ring, room}, sensor, orders,
      device_options(settings), node_options(settings));
  auto& listener = make_forever<LwipListener>();
  auto& port =
      make_forever<typename Made::Port>(listener.peer(), node, keys, ByteView{settings.wake});
  if (settings.command_port != 0 && !listener.start(settings.command_port)) {
    stop("command port"sv);
  }
  return make_forever<Made>(network, node, ring, port, settings.readings);
}

/// Runs the mote until the power goes.
template <Signer Keys>
[[noreturn]] void run_mote(Mote<Keys>& mote) {
  for (;;) {
    mote.step(now());
    feed_watchdog();
    idle();
  }
}

}  // namespace countersign::mcu
