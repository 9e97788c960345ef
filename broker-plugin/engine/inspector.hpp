#pragma once

#include <string_view>

#include "countersign/gate.hpp"
#include "engine/sessions.hpp"

namespace countersign::engine {

/// [MFA_R: AuthInspector] Levels, enforcement and expulsion: what follows from a verdict.
class Inspector {
 public:
  Inspector(Context& context, Sessions& sessions) : context_{context}, sessions_{sessions} {}

  /// Draws the consequences of a proven message's verdict.
  void draw(Principal& principal, const Verdict& verdict, Millis now);

  /// What a completed handshake does to level and score. Call before the session is opened.
  void log_in(Principal& principal, Millis now);

  /// Enforcement that was answered wrongly ends the session.
  void fail(Principal& principal, std::string_view detail, Millis now);

  /// Ends an expulsion at once.
  void reinstate(Principal& principal, Millis now);

  /// Ends the sessions of those who missed their enforcement.
  void tick(Millis now);

 private:
  void demand(Principal& principal, bool fallen, Millis now);
  void end_if_late(Principal& principal, Millis now);
  void expel(Principal& principal, Millis now);
  void level_changed(const Principal& principal, std::string_view detail, Millis now);

  Context& context_;
  Sessions& sessions_;
};

/// What a reinstated identity begins with: a compatibility device has no reputation.
[[nodiscard]] constexpr std::int8_t initial_score(Kind kind) {
  return kind == Kind::legacy ? std::int8_t{0} : kInitialScore;
}

/// How long the `strikes`-th expulsion lasts: a minute, doubling to a day.
[[nodiscard]] Millis expulsion_time(unsigned strikes);

}  // namespace countersign::engine
