#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/device.hpp"
#include "port/host/torn_flash.hpp"
#include "unit/mcu/scripted_t.hpp"

namespace countersign::mcu::test {

/// Numbers in memory, that can come to their end.
class SceneNumbers final : public Numbers {
 public:
  [[nodiscard]] Result<std::uint32_t> next_epoch() override {
    return fails == Refusal::none ? plain.next_epoch() : Result<std::uint32_t>{fails};
  }
  [[nodiscard]] Result<std::uint32_t> next_message(std::uint32_t least) override {
    return fails == Refusal::none ? plain.next_message(least) : Result<std::uint32_t>{fails};
  }
  [[nodiscard]] std::uint32_t upcoming() const override { return plain.upcoming(); }
  [[nodiscard]] std::uint16_t last_kid() const override { return plain.last_kid(); }
  [[nodiscard]] bool note_kid(std::uint16_t kid) override {
    return fails == Refusal::none && plain.note_kid(kid);
  }

  PlainNumbers plain;
  Refusal fails = Refusal::none;  ///< else why there is no number any more
};

/// Random bytes that repeat; with `longest`, those of which a pause becomes as long as it may.
class SceneRandom final : public Random {
 public:
  [[nodiscard]] bool fill(MutableBytes out) override {
    std::ranges::fill(out, std::byte{0xFF});
    return !fails && (longest || seeded_.fill(out));
  }

  bool longest = false;
  bool fails = false;

 private:
  SeededRandom seeded_;
};

/// A device, its flash, its link and T, at a time that the test says.
class DeviceScene {
 public:
  using What = DeviceEvent::What;

  static constexpr std::string_view kTopic = "sensor/mote-1";
  static constexpr Region kRing{0, 4};

  /// Pauses are powers of two, so that the longest can be told from random bytes.
  [[nodiscard]] static DeviceOptions options() {
    DeviceOptions out;
    out.topic = kTopic;
    out.first_pause = 512;
    out.longest_pause = 65'536;
    out.hint_delay = 32'768;
    return out;
  }

  explicit DeviceScene(Method method = Method::aplus, const DeviceOptions& with = options())
      : profile_{.identity = "mote-1",
                 .server_id = "plant",
                 .suite = Suite::symmetric,
                 .method = method,
                 .password = bytes_of("a password"),
                 .fields = kFields},
        device{{link, vault, random, ring, room_}, with} {
    ready = ring.open();
  }

  /// What happens now, until nothing does.
  void settle() {
    // a packet may be taken without an event, and leave something to be done
    for (std::size_t i = 0, idle = 0; i < kMostSteps; ++i) {
      if (link.state() == LinkState::opening && reachable) {
        link.establish();
      }
      const DeviceEvent event = device.step(now);
      const bool spoke = !link.sent.empty();
      t.attend();
      const bool moves = event.what != What::none || spoke || is_moving();
      idle = moves ? 0 : idle + 1;
      if (idle == 2) {
        return;
      }
      keep(event);
      if (event.what == What::fault) {
        return;
      }
    }
    t.odd.emplace_back("it never comes to rest");
  }

  /// Lets time pass, up to a fault.
  void pass(Millis span, Millis step = 64) {
    const Millis until = now + span;
    settle();
    while (now < until && fault == Refusal::none) {
      now = std::min(now + step, until);
      settle();
    }
  }

  [[nodiscard]] bool log_in() {
    settle();
    return device.is_online();
  }
  /// Records a reading. \returns its number, 0 if it was not kept.
  std::uint32_t record(std::string_view text = "21.5") {
    const auto number = device.next_reading();
    return number && device.record(*number, bytes_of(text)) == Refusal::none ? *number : 0;
  }
  std::vector<std::uint32_t> record_some(std::size_t count) {
    std::vector<std::uint32_t> out(count);
    std::ranges::generate(out, [&] { return record(); });
    return out;
  }
  [[nodiscard]] Refusal publish(std::string_view text = "21.5") {
    const auto number = device.next_reading();
    return number ? device.publish(*number, bytes_of(text), now) : number.why();
  }
  /// The numbers that wait in the ring.
  [[nodiscard]] std::vector<std::uint32_t> waiting() {
    std::vector<std::uint32_t> out;
    Waiting one;
    for (bool more = ring.first(one); more; more = ring.next(one, one)) {
      out.push_back(one.number);
    }
    return out;
  }
  [[nodiscard]] std::size_t count(What what) const {
    return static_cast<std::size_t>(std::ranges::count(events, what));
  }
  /// When the link is opened next, in steps of 1 ms.
  [[nodiscard]] Millis next_connect(Millis patience) {
    const std::size_t before = link.opened;
    const Millis begun = now;
    while (link.opened == before && now - begun < patience) {
      ++now;
      settle();
    }
    return now - begun;
  }

  bool ready = false;     ///< its ring could be opened
  bool reachable = true;  ///< a link that is opened comes up
  Millis now = 1'000'000;
  std::vector<What> events;
  Refusal fault = Refusal::none;
  ScriptedLink link;
  SceneRandom random;
  SceneNumbers numbers;
  host::TornFlash flash{kRing.pages};
  Ring ring{flash, kRing};

 private:
  static constexpr std::size_t kMostSteps = 2'000;
  inline static const std::array<RegistrationField, 1> kFields{
      RegistrationField{"uuid", bytes_of("0123456789abcdef")}};

  [[nodiscard]] bool is_moving() const {
    return link.state() == LinkState::opening
               ? reachable
               : link.state() == LinkState::open && !link.coming.empty();
  }
  void keep(const DeviceEvent& event) {
    if (event.what != What::none) {
      events.push_back(event.what);
      fault = event.fault;
    }
  }

  /// No bytes that anybody else would say.
  [[nodiscard]] static Key32 some_key() {
    SeededRandom from{42};
    Bytes<32> out{};
    static_cast<void>(from.fill(out));
    return Key32{out};
  }

  Key32 k_ = some_key();
  PlainKeys keys_{k_};
  PlainMac mac_;
  CommandResponder nobody_{{}, {}};
  Profile profile_;
  Bytes<512> room_{};

 public:
  ScriptedT t{link, k_, kFields};
  Vault vault{{crypto(), random, keys_, numbers, mac_, nobody_}, profile_};
  Device<ScriptedLink, Vault> device;
};

}  // namespace countersign::mcu::test
