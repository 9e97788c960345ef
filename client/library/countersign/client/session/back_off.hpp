#pragma once

#include <algorithm>

#include "countersign/crypto.hpp"

namespace countersign::client {

/// Pauses that double up to a limit.
class BackOff {
 public:
  BackOff(Millis first, Millis longest) : first_{first}, longest_{longest}, next_{first} {}

  [[nodiscard]] Millis next() {
    const Millis pause = next_;
    next_ = std::min(2 * next_, longest_);
    return pause;
  }
  void reset() { next_ = first_; }

 private:
  Millis first_;
  Millis longest_;
  Millis next_;
};

/// Between 0 and `longest`, so that a fleet does not come at once; 0 without entropy.
[[nodiscard]] inline Millis random_delay(Random& random, Millis longest) {
  Bytes<4> bytes{};
  if (longest <= 0 || !random.fill(bytes)) {
    return 0;
  }
  return static_cast<Millis>(Reader{bytes}.be<std::uint32_t>()) % (longest + 1);
}

}  // namespace countersign::client
