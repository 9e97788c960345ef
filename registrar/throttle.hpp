#pragma once

#include <cstdint>
#include <string>

#include "countersign/bytes.hpp"
#include "registrar/recent.hpp"
#include "registrar/settings.hpp"

namespace countersign::registrar {

/// A token bucket: `burst` at once, then `per_second`. Time only ever moves on.
class Bucket {
 public:
  Bucket(std::uint32_t per_second, std::uint32_t burst, Millis now);

  [[nodiscard]] bool take(Millis now);
  /// How long until `take` succeeds; 0 if it would at once.
  [[nodiscard]] Millis wait(Millis now) const;

 private:
  // in thousandths, so that a millisecond at one a second is a whole number
  [[nodiscard]] std::int64_t filled(Millis now) const;

  std::int64_t per_second_;
  std::int64_t capacity_;
  std::int64_t level_;
  Millis at_;
};

/// What becomes of one more connection from an address.
struct Welcome {
  enum class Verdict : std::uint8_t {
    serve,
    refuse,  ///< answered with 429
    drop,    ///< not even that: closed at once
  };
  Verdict verdict = Verdict::serve;
  Millis retry_after = 0;
};

/// How often each address may come. A connection carries one request. Refusals cost a handshake,
/// so they have a bucket of their own, and behind it connections are dropped. One thread.
class Throttle {
 public:
  explicit Throttle(const LimitSettings& limits);

  [[nodiscard]] Welcome welcome(const std::string& origin, Millis now);

 private:
  struct Guest {
    Bucket served;
    Bucket refused;
  };

  std::uint32_t per_second_;
  std::uint32_t burst_;
  Recent<Guest> guests_;
};

/// Waits after failed logins, for each address: none for the first few, then one second, doubling.
/// One thread at a time.
class Lockout {
 public:
  explicit Lockout(const LimitSettings& limits);

  /// How long `origin` must still wait; 0 if it may try.
  [[nodiscard]] Millis wait(const std::string& origin, Millis now);
  void failed(const std::string& origin, Millis now);
  void succeeded(const std::string& origin);

 private:
  struct Failures {
    std::uint32_t count = 0;
    Millis last = 0;
    Millis until = 0;
  };

  std::uint32_t free_;
  Millis max_;
  Recent<Failures> failures_;
};

}  // namespace countersign::registrar
