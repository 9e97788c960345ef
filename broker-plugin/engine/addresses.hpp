#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "countersign/bytes.hpp"

namespace countersign::engine {

/// Whom an address is counted as: itself, or of IPv6 the /64 that one party usually has. A mapped
/// IPv4 address is the IPv4 address; what is no address is taken as it is.
[[nodiscard]] std::string network_of(std::string_view address);

/// What one address (of IPv6: one /64) did wrong lately. A payload that does not open makes the
/// address wait, doubling to a minute; whatever opens is always answered, so honest devices behind
/// the same address are never locked out (docs/protocol.md, section 1).
class Addresses {
 public:
  explicit Addresses(Millis max_backoff) : max_backoff_{max_backoff} {}

  void set_max_backoff(Millis max_backoff) { max_backoff_ = max_backoff; }

  /// Counts a payload from `address` that did not open.
  void offend(std::string_view address, Millis now);

  /// True while payloads from `address` that do not open are not even tried beyond the first look.
  [[nodiscard]] bool waits(std::string_view address, Millis now) const;

  /// Forgets whoever has behaved for `max_backoff`. Bounded work: call it from TICK.
  void forget(Millis now);

  [[nodiscard]] std::size_t size() const { return by_address_.size(); }

 private:
  struct Offender {
    Millis until = 0;
    unsigned count = 0;
  };

  Millis max_backoff_;
  std::unordered_map<std::string, Offender> by_address_;
};

}  // namespace countersign::engine
