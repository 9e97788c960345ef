#include "promela.hpp"

#include <array>
#include <sstream>
#include <string_view>

#include "countersign/reputation.hpp"

namespace countersign::test {
namespace {

constexpr std::array kLevels{Level::auth0, Level::auth1, Level::auth2, Level::auth3};
constexpr std::array kObservations{Observation::in_range, Observation::out_of_range};
constexpr std::array kChanges{Change::none, Change::raised, Change::fell, Change::expelled};

constexpr std::string_view kGenerated =
    "/* Printed by print_promela from protocol/countersign/reputation.hpp: not to be edited.\n"
    " * README.md, \"One table for code and model\", says how it is made anew. */\n\n";

std::string_view name_of(Observation observation) {
  return observation == Observation::in_range ? "IN_RANGE" : "OUT_OF_RANGE";
}

std::string_view name_of(Change change) {
  switch (change) {
    case Change::raised:
      return "RAISED";
    case Change::fell:
      return "FELL";
    case Change::expelled:
      return "EXPELLED";
    case Change::none:
      break;
  }
  return "NO_CHANGE";
}

template <typename Enum>
void define(std::ostream& out, std::string_view name, Enum value) {
  out << "#define " << name << ' ' << static_cast<int>(value) << '\n';
}

void define_constants(std::ostream& out) {
  define(out, "INITIAL_SCORE", kInitialScore);
  define(out, "UPPER_SCORE", kUpperScore);
  define(out, "LOWER_SCORE", kLowerScore);
  define(out, "SALT", kSalt);
  define(out, "MAX_SCORE", kMaxScore);
  out << '\n';
}

void define_names(std::ostream& out) {
  for (const Level level : kLevels) {
    define(out, countersign::name_of(level), level);
  }
  for (const Observation observation : kObservations) {
    define(out, name_of(observation), observation);
  }
  for (const Change change : kChanges) {
    define(out, name_of(change), change);
  }
  out << '\n';
}

void print_row(std::ostream& out, const Transition& row) {
  const bool rises = row.observation == Observation::in_range;
  out << "  if    /* " << row.name << " */\n"
      << "  :: level == " << countersign::name_of(row.from)
      << " && observation == " << name_of(row.observation) << " && score " << (rises ? ">=" : "<=")
      << ' ' << static_cast<int>(row.threshold) << " ->\n"
      << "       next_level = " << countersign::name_of(row.to)
      << "; change = " << name_of(row.change) << '\n'
      << "  :: else ->\n";
}

void print_table(std::ostream& out) {
  out << "/* What a score that has made its step leads to: the first row that matches. */\n"
      << "inline decide(observation) {\n";
  for (const Transition& row : kTransitions) {
    print_row(out, row);
  }
  out << "       next_level = level; change = NO_CHANGE\n ";
  for (std::size_t i = 0; i < kTransitions.size(); ++i) {
    out << " fi";
  }
  out << "\n}\n";
}

void print_state(std::ostream& out, const Reputation& now) {
  out << countersign::name_of(now.level) << ", " << static_cast<int>(now.score);
}

/// One line per level and score: `check`, what was, what `act` made of it, what `act` said.
template <typename Act>
void print_cases(std::ostream& out, std::string_view check, Act act) {
  for (const Level level : kLevels) {
    for (std::int8_t score = 0; score <= kMaxScore; ++score) {
      Reputation now{level, score};
      out << "    " << check;
      print_state(out, now);
      const std::string said = act(now);
      out << ", ";
      print_state(out, now);
      out << said << ");\n";
    }
  }
}

constexpr std::string_view kChecks = R"(#include "reputation.pml"

inline observes(observation, level_0, score_0, level_1, score_1, change_1) {
  level = level_0; score = score_0;
  judge(observation); settle();
  assert(level == level_1 && score == score_1 && change == change_1)
}

inline logs_in(level_0, score_0, level_1, score_1) {
  level = level_0; score = score_0;
  log_in();
  assert(level == level_1 && score == score_1)
}

inline renews(level_0, score_0, level_1, score_1) {
  level = level_0; score = score_0;
  renew();
  assert(level == level_1 && score == score_1)
}

active proctype cases() {
  d_step {
)";

}  // namespace

std::string promela_of_transitions() {
  std::ostringstream out;
  out << kGenerated;
  define_constants(out);
  define_names(out);
  print_table(out);
  return out.str();
}

std::string promela_of_cases() {
  std::ostringstream out;
  out << kGenerated << kChecks;
  for (const Observation observation : kObservations) {
    const std::string check = "observes(" + std::string{name_of(observation)} + ", ";
    print_cases(out, check, [observation](Reputation& now) {
      return ", " + std::string{name_of(observe(now, observation))};
    });
  }
  print_cases(out, "logs_in(", [](Reputation& now) {
    log_in(now);
    return std::string{};
  });
  print_cases(out, "renews(", [](Reputation& now) {
    renew(now);
    return std::string{};
  });
  out << "    skip\n  }\n}\n";
  return out.str();
}

}  // namespace countersign::test
