#pragma once

#include <cstdint>

#include "countersign/crypto.hpp"

namespace countersign::mcu {

/// Pauses that double up to a limit, each drawn anew between zero and that ("full jitter"): a
/// thousand devices that lost one broker do not come back at once.
class BackOff {
 public:
  BackOff(Millis first, Millis longest) : first_{first}, longest_{longest}, next_{first} {}

  /// The next pause, 1 ms at least. Without random bytes it is the whole of it.
  [[nodiscard]] Millis next(Random& random) {
    const Millis most = next_;
    next_ = next_ * 2 < longest_ ? next_ * 2 : longest_;
    return draw(random, most);
  }
  void reset() { next_ = first_; }

  /// A random length of 1 to `most` milliseconds.
  [[nodiscard]] static Millis draw(Random& random, Millis most) {
    Bytes<4> bytes{};
    if (most <= 1 || !random.fill(bytes)) {
      return most > 1 ? most : 1;
    }
    Reader in{bytes};
    return 1 + static_cast<Millis>(in.be<std::uint32_t>() % static_cast<std::uint32_t>(most));
  }

 private:
  Millis first_;
  Millis longest_;
  Millis next_;
};

}  // namespace countersign::mcu
