/// What a broker, T and whoever is between them do to a device, in any order.
///   1     bit 0: it is logged in · 1: by MFA_R · 2: sealed readings · 3: a will · 4: filters
///         bits 5–7: 2^n bytes arrive at once
///   then steps: 1 what · what it needs (`Encounter::step`)
/// At last everybody behaves, and the device must come back and empty its ring.

#include <memory>

#include "fuzz/input.hpp"
#include "unit/mcu/device_scene.hpp"

namespace countersign::fuzz {
namespace {

using mcu::DeviceOptions;
using mcu::Method;
using mcu::test::DeviceScene;
using What = mcu::DeviceEvent::What;

constexpr std::size_t kMaxSteps = 100;
constexpr Millis kHourMs = 3'600'000;
constexpr std::array<std::string_view, 2> kFilters{"f", "g/#"};

DeviceOptions options_of(std::uint8_t how) {
  DeviceOptions out = DeviceScene::options();
  out.sealed = (how & 4U) != 0;
  if ((how & 8U) != 0) {
    out.will = {.topic = "will/mote-1", .payload = bytes_of("gone")};
  }
  if ((how & 16U) != 0) {
    out.filters = kFilters;
  }
  return out;
}

/// A device and its adversities.
class Encounter {
 public:
  explicit Encounter(std::uint8_t how)
      : scene_{(how & 2U) != 0 ? Method::mfar : Method::aplus, options_of(how)} {
    require(scene_.ready);
    if ((how & 1U) != 0) {
      require(scene_.log_in());
    }
    scene_.link.chunk = std::size_t{1} << (how >> 5U);
  }

  void step(Input& in) {
    switch (in.byte() % 16) {
      case 0:
        feed(in.field());
        break;
      case 1:
      case 2:
        speak(in);
        break;
      case 3:
      case 4:
        sign(in);
        break;
      case 5:
      case 6:
        wait(in.byte());
        break;
      case 7:
        scene_.link.close();
        break;
      case 8:
      case 9:
        record(in.field());
        break;
      case 10:
        publish(in.field());
        break;
      case 11:
        static_cast<void>(scene_.device.tell("state/mote-1", in.field(), scene_.now));
        break;
      case 12:
        behave(in.byte());
        break;
      case 13:
        scene_.link.room_left = std::size_t{in.byte()} * 8;
        break;
      case 14:
        turn(in.byte());
        break;
      default:
        scene_.device.rekey();
    }
    settle();
  }

  /// Nobody does harm any more. What T itself signed may have cost the device a reading, or kept it
  /// from sending one.
  void end() {
    behave(0x3F);
    scene_.link.room_left = 4096;
    scene_.link.chunk = 4096;
    scene_.t.connack = 0;
    scene_.link.refuse_open = false;
    for (Millis waited = 0; waited < 2 * kHourMs && !is_done(); waited += 2'000) {
      scene_.now += 2'000;
      settle();
    }
    require(is_done());
  }

 private:
  [[nodiscard]] bool is_done() {
    return scene_.fault != Refusal::none ||
           (scene_.device.is_ready() && (nonsense_ || scene_.waiting().empty()));
  }

  void feed(ByteView bytes) {
    if (scene_.link.state() == mcu::LinkState::open) {
      scene_.link.feed(bytes);
    }
  }

  /// A PUBLISH that nobody signed.
  void speak(Input& in) {
    const auto how = in.byte();
    const std::uint16_t id = (how & 4U) != 0 ? how : std::uint16_t{0};
    switch (how & 3U) {
      case 0:
        return scene_.t.publish("f", in.field(), id);
      case 1:
        return scene_.t.publish_unsigned(kNoticePrefix, in.field(), id);
      case 2:
        return question(in.field(), id);
      default:
        return scene_.t.publish_unsigned(kAuthReplyPrefix, in.field(), id);
    }
  }

  /// A question that the device could answer: of T, or of anybody.
  void question(ByteView begin, std::uint16_t id) {
    MfarResponder anybody;
    test::Octets q = scene_.t.ask(anybody);
    copy(begin, q);
    scene_.t.publish_unsigned(kAuthReplyPrefix, q, id);
  }

  void sign(Input& in) {
    const auto how = in.byte();
    const auto word = in.byte();
    switch (how & 7U) {
      case 0:
        return scene_.t.demand();
      case 1:
        return scene_.t.receipt(scene_.t.receipt_of(scene_.t.kid()));
      case 2:
        return scene_.t.notice(Refusal::enforcement, word);
      case 3:
        nonsense_ = true;
        return scene_.t.notice(static_cast<Refusal>(word % kRefusalNames.size()), in.byte());
      case 4:
        nonsense_ = true;
        return scene_.t.receipt({.kid = word, .accepted = {in.number(), in.number()}});
      default:
        nonsense_ = true;
        return scene_.t.tell(in.field(), (word & 1U) != 0);
    }
  }

  void wait(std::uint8_t how) {
    scene_.now += how < 128 ? Millis{how} * 8 : Millis{how - 127} * 1'000;
  }

  void record(ByteView text) {
    const auto number = scene_.device.next_reading();
    require(number.operator bool());
    keep(*number, text);
  }

  void publish(ByteView text) {
    const auto number = scene_.device.next_reading();
    require(number.operator bool());
    const ByteView reading = text.first(std::min(text.size(), mcu::kMaxReadingBytes));
    if (scene_.device.publish(*number, reading, scene_.now) != Refusal::none) {
      keep(*number, reading);
    }
  }

  void keep(std::uint32_t number, ByteView reading) {
    const Refusal why = scene_.device.record(number, reading);
    require((why == Refusal::too_large) == (reading.size() > mcu::kMaxReadingBytes));
    if (why == Refusal::none) {
      recorded_.push_back(number);
    }
  }

  void behave(std::uint8_t bits) {
    scene_.t.answers_connect = (bits & 1U) != 0;
    scene_.t.answers_logins = (bits & 2U) != 0;
    scene_.t.acknowledges = (bits & 4U) != 0;
    scene_.t.gives_receipts = (bits & 8U) != 0;
    scene_.t.answers_pings = (bits & 16U) != 0;
    scene_.t.remembers = (bits & 32U) != 0;
    scene_.t.accepts = (bits & 64U) == 0;
    scene_.reachable = (bits & 128U) == 0;
  }

  void turn(std::uint8_t how) {
    if ((how & 8U) != 0) {
      scene_.t.forget();
    }
    scene_.t.connack = how & 7U;
    scene_.t.session_present = (how & 16U) == 0;
    scene_.link.refuse_open = (how & 32U) != 0;
  }

  void settle() {
    scene_.settle();
    require(scene_.t.odd.empty());
    // what was recorded waits, unless T said of it what ends that
    const std::vector<std::uint32_t> waiting = scene_.waiting();
    require(std::ranges::is_sorted(waiting) && std::ranges::includes(recorded_, waiting));
    for (const std::uint32_t number : recorded_) {
      require(std::ranges::binary_search(waiting, number) || scene_.t.released.contains(number));
    }
    require(scene_.fault == Refusal::none);
  }

  DeviceScene scene_;
  std::vector<std::uint32_t> recorded_;
  bool nonsense_ = false;  // T signed what it never would
};

}  // namespace

void run(Input in) {
  const auto encounter = std::make_unique<Encounter>(in.byte());
  for (std::size_t i = 0; i < kMaxSteps && !in.done(); ++i) {
    encounter->step(in);
  }
  encounter->end();
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run({data, size});
  return 0;
}
