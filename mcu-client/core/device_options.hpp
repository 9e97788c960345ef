#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/mqtt_packets.hpp"
#include "core/transport.hpp"
#include "countersign/receipt.hpp"

namespace countersign::mcu {

inline constexpr std::size_t kMaxFilters = 4;

/// What a device is told once. Borrows; everything outlives the device.
struct DeviceOptions {
  Endpoint broker;
  std::string_view topic;  ///< of its readings, at most `kMaxTopicBytes`
  bool sealed = false;     ///< readings are sealed to T
  std::uint16_t keep_alive_s = 60;
  MqttWill will;                              ///< no topic: none
  std::span<const std::string_view> filters;  ///< subscribed to, at most `kMaxFilters`
  Millis receipt_after = 5'000;               ///< how long a reading may want its receipt
  Millis first_pause = 500;                   ///< before a lost connection is tried again; doubles
  Millis longest_pause = 60'000;
  /// The longest random delay before a session that T forgot is made anew (docs/protocol.md,
  /// section 3).
  Millis hint_delay = 30'000;
};

/// What happened, one thing at a time. `message` borrows until the next `step`.
struct DeviceEvent {
  enum class What : std::uint8_t {
    none,
    online,     ///< there is a session, and a connection that bears it
    offline,    ///< the connection is lost; readings wait
    message,    ///< a PUBLISH on one of the filters: nobody vouches for it
    notice,     ///< T's signed word about one message
    discarded,  ///< T will never take the reading of `notice.seq`, so it left the ring
    rekeyed,    ///< T said which k counts: the new one, or still the old
    fault       ///< `fault` says what failed: flash, entropy or the last epoch
  };

  What what = What::none;
  Refusal fault = Refusal::none;
  Notice notice{};
  PublishPacket message{};
};

}  // namespace countersign::mcu
