#pragma once

#include <array>
#include <cstdint>

#include "countersign/bytes.hpp"

namespace countersign::client {

/// At most so many tags that turn out wrong are checked a second (docs/protocol.md, section 1): a
/// stranger on the path cannot keep the client computing, nor guess a short tag.
class BadTagBudget {
 public:
  static constexpr std::uint32_t kPerSecond = 8;

  /// False if nothing may be checked now.
  [[nodiscard]] bool allows(Millis now) {
    if (now - since_ >= kSecond) {
      since_ = now;
      bad_ = 0;
    }
    return bad_ < kPerSecond;
  }
  void count_bad() { ++bad_; }

 private:
  static constexpr Millis kSecond = 1000;

  Millis since_ = 0;
  std::uint32_t bad_ = 0;
};

}  // namespace countersign::client
