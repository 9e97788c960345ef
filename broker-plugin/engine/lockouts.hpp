#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "countersign/bytes.hpp"

namespace countersign::engine {

/// Wrong passwords, by identity and by where they came from: an address from which that identity
/// has logged in before, or "elsewhere". So a guesser who is elsewhere makes nobody wait who comes
/// from where he always comes from (docs/protocol.md, section 6).
class Lockouts {
 public:
  explicit Lockouts(Millis max_backoff) : max_backoff_{max_backoff} {}

  void set_max_backoff(Millis max_backoff) { max_backoff_ = max_backoff; }

  /// `origin` is empty for elsewhere. `known` is false for a user who does not exist: many such
  /// names must not cost memory without end, so beyond a limit they are not counted.
  void wrong(std::string_view identity, std::string_view origin, bool known, Millis now);
  void right(std::string_view identity, std::string_view origin);

  /// True while passwords for `identity` from `origin` are not looked at.
  [[nodiscard]] bool waits(std::string_view identity, std::string_view origin, Millis now) const;

  /// Forgets those who waited long ago. Call it from TICK.
  void forget(Millis now);

  [[nodiscard]] std::size_t size() const { return by_origin_.size(); }

 private:
  struct Guesses {
    Millis until = 0;
    unsigned count = 0;
  };

  Millis max_backoff_;
  std::unordered_map<std::string, Guesses> by_origin_;
};

}  // namespace countersign::engine
