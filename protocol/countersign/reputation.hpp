#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace countersign {

/// How far an identity is trusted. Stored in the database: frozen. [MFA_R, section 3]
enum class Level : std::uint8_t { auth0 = 0, auth1 = 1, auth2 = 2, auth3 = 3 };

inline constexpr std::array<std::string_view, 4> kLevelNames{"AUTH0", "AUTH1", "AUTH2", "AUTH3"};

[[nodiscard]] constexpr std::string_view name_of(Level level) {
  return kLevelNames[static_cast<std::size_t>(level)];
}

/// The constants of docs/protocol.md, section 6. [MFA_R, section 4, with the guards mended]
inline constexpr std::int8_t kInitialScore = 10;
inline constexpr std::int8_t kUpperScore = 20;
inline constexpr std::int8_t kLowerScore = 3;
inline constexpr std::int8_t kSalt = 1;
inline constexpr std::int8_t kMaxScore = kUpperScore + kSalt;
static_assert(kMaxScore == 21);

struct Reputation {
  Level level = Level::auth0;
  std::int8_t score = kInitialScore;
  friend bool operator==(const Reputation&, const Reputation&) = default;
};

/// What a publish says of its sender.
enum class Observation : std::uint8_t { in_range, out_of_range };

/// What a publish changed beside the score.
enum class Change : std::uint8_t {
  none,
  raised,    ///< AUTH2 → AUTH3
  fell,      ///< AUTH3 → AUTH2, and enforcement is due
  expelled,  ///< AUTH2 → AUTH0
};

/// One row of the table of levels: the first row whose level, observation and threshold match the
/// score *after* its step decides. At most one change per publish.
struct Transition {
  Level from;
  Observation observation;
  std::int8_t threshold;  ///< in range: score ≥ threshold; out of range: score ≤ threshold
  Level to;
  Change change;
  std::string_view name;  ///< states of the published automaton [MFA_R, Fig. 4; formal/]
};

/// Every change of level that a publish can cause; where no row matches, nothing changes.
inline constexpr std::array kTransitions{
    Transition{Level::auth2, Observation::in_range, kUpperScore + kSalt, Level::auth3,
               Change::raised, "q11 -raise_authlevel-> q12 -step3_ok-> q11"},
    Transition{Level::auth3, Observation::out_of_range, kLowerScore - kSalt, Level::auth2,
               Change::fell, "q7 -step3_fail-> q10 -enforcement-> q9"},
    Transition{Level::auth2, Observation::out_of_range, kLowerScore - kSalt, Level::auth0,
               Change::expelled, "q7 -invalidate_access-> q8"},
};

/// Moves the score by one and the level by at most one step. Call once per evaluated publish, never
/// for a retransmission (q6 -data_ok-> q11 -increase-> or q6 -data_fail-> q7 -decrease->).
Change observe(Reputation& reputation, Observation observation);

/// A login of an identity without a live session: AUTH2, and nobody washes a bad score
/// (q3 -step2_ok-> q5, unlike the paper, which sets the initial score).
void log_in(Reputation& reputation);

/// Enforcement that T demanded and that ended in time (q9 -step2-> q3 -step2_ok-> q5).
void renew(Reputation& reputation);

}  // namespace countersign
