#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "app/command_topics.hpp"
#include "app/orders.hpp"
#include "app/reading_text.hpp"
#include "app/sensor.hpp"
#include "core/device.hpp"
#include "countersign/command.hpp"

namespace countersign::mcu {

/// What a sensor node does besides being a device.
struct NodeOptions {
  Millis interval = 1'000;  ///< between readings; 0: none by itself
  bool live = false;        ///< readings go out at once with QoS 0, and into the ring only without
                            ///< a link; else each is in the ring until T has it
  std::uint32_t readings = 0;  ///< how many to take; 0: no end
};

/// The reference application: reads a sensor, publishes what it says, obeys commands over MQTT.
/// Never blocks, never allocates. All that is passed in outlives it.
template <Transport Link, Signer Keys>
class SensorNode {
 public:
  using Parts = typename Device<Link, Keys>::Parts;
  using What = DeviceEvent::What;

  SensorNode(const Parts& parts, Sensor& sensor, Orders& orders, const DeviceOptions& device,
             const NodeOptions& options)
      : keys_{parts.keys},
        ring_{parts.ring},
        sensor_{sensor},
        orders_{orders},
        options_{options},
        wake_{parts.keys.profile().identity, kWake},
        command_{parts.keys.profile().identity, kCommand},
        filters_{wake_.text(), command_.text()},
        device_{parts, with_filters(device)} {}

  /// \returns what happened, for the log; call it until it says `none`.
  // not inlined, nor is what takes a reading: the stack of a device is small
  [[nodiscard, gnu::noinline]] DeviceEvent step(Millis now) {
    const DeviceEvent event = device_.step(now);
    if (event.what == What::message) {
      heard(event.message, now);
    }
    if (event.what == What::online) {
      next_ = next_ == 0 ? now : next_;
    }
    say_pending(now);
    read_sensor(now);
    return event;
  }

  /// Carries out what a commander asked, however it came. \returns the word to answer with.
  [[nodiscard]] std::string_view obey(const TakenCommand& taken, Millis now) {
    if (orders_.is_report(taken.command)) {
      take_reading(now);
    }
    if (orders_.is_rekey(taken.command)) {
      device_.rekey();
    }
    return orders_.run(taken.command);
  }

  [[nodiscard]] const Device<Link, Keys>& device() const { return device_; }
  [[nodiscard]] std::uint32_t taken() const { return taken_; }
  /// Readings that found the ring full, or no number.
  [[nodiscard]] std::uint32_t missed() const { return missed_; }

 private:
  DeviceOptions with_filters(DeviceOptions device) {
    device.filters = orders_.any() ? std::span<const std::string_view>{filters_}
                                   : std::span<const std::string_view>{};
    return device;
  }

  void read_sensor(Millis now) {
    const bool enough = options_.readings != 0 && taken_ >= options_.readings;
    if (options_.interval == 0 || enough || orders_.paused() || now < next_) {
      return;
    }
    // a node that slept does not make up for it
    next_ = now - next_ > options_.interval ? now + options_.interval : next_ + options_.interval;
    take_reading(now);
  }

  [[gnu::noinline]] void take_reading(Millis now) {
    Measurement measured;
    if (!sensor_.measure(measured)) {
      return;
    }
    const auto number = device_.next_reading();
    Bytes<kMaxReadingTextBytes> text;
    const std::size_t size =
        number ? write_reading(*number, previous(), measured, text) : std::size_t{0};
    const ByteView reading = ByteView{text}.first(size);
    const bool sent =
        size != 0 && options_.live && device_.publish(*number, reading, now) == Refusal::none;
    if (size == 0 || (!sent && device_.record(*number, reading) != Refusal::none)) {
      ++missed_;
      return;
    }
    last_ = *number;
    ++taken_;
  }

  [[nodiscard]] std::uint32_t previous() const {
    return last_ > ring_.greatest() ? last_ : ring_.greatest();
  }

  // not inlined: nothing stands on the stack of `step` but what it needs
  [[gnu::noinline]] void heard(const PublishPacket& message, Millis now) {
    if (message.retain) {
      return;  // nobody waits for it
    }
    if (message.topic == wake_.text()) {
      const auto challenge = keys_.challenge(now);
      if (challenge) {
        answer(kChallenge, *challenge);
      }
    } else if (message.topic == command_.text()) {
      const auto taken = keys_.take_command(message.payload, now);
      if (!taken) {
        return;
      }
      const auto response = keys_.respond(*taken, obey(*taken, now));
      if (response) {
        answer(kResponse, *response);
      }
    }
  }

  void answer(std::string_view which, const Bytes<16>& bytes) {
    pending_topic_ = which;
    pending_ = bytes;
  }

  /// An answer goes out as soon as there is a number and room for it.
  [[gnu::noinline]] void say_pending(Millis now) {
    if (pending_topic_.empty()) {
      return;
    }
    const CommandTopic topic{keys_.profile().identity, pending_topic_};
    if (device_.tell(topic.text(), pending_, now) || !device_.is_online()) {
      pending_topic_ = {};
    }
  }

  Keys& keys_;
  Ring& ring_;
  Sensor& sensor_;
  Orders& orders_;
  NodeOptions options_;
  CommandTopic wake_;
  CommandTopic command_;
  std::array<std::string_view, 2> filters_;
  Device<Link, Keys> device_;
  std::string_view pending_topic_;
  Bytes<16> pending_{};
  Millis next_ = 0;
  std::uint32_t taken_ = 0;
  std::uint32_t missed_ = 0;
  std::uint32_t last_ = 0;
};

}  // namespace countersign::mcu
