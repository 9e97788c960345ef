#include "countersign/reputation.hpp"

namespace countersign {
namespace {

constexpr bool matches(const Transition& row, const Reputation& now, Observation observation) {
  if (row.from != now.level || row.observation != observation) {
    return false;
  }
  return observation == Observation::in_range ? now.score >= row.threshold
                                              : now.score <= row.threshold;
}

void step(std::int8_t& score, Observation observation) {
  if (observation == Observation::in_range && score < kMaxScore) {
    ++score;
  }
  if (observation == Observation::out_of_range && score > 0) {
    --score;
  }
}

}  // namespace

Change observe(Reputation& reputation, Observation observation) {
  step(reputation.score, observation);
  for (const Transition& row : kTransitions) {
    if (matches(row, reputation, observation)) {
      reputation.level = row.to;
      return row.change;
    }
  }
  return Change::none;
}

void log_in(Reputation& reputation) {
  reputation.level = Level::auth2;
  if (reputation.score > kInitialScore) {
    reputation.score = kInitialScore;
  }
}

void renew(Reputation& reputation) {
  reputation.level = Level::auth2;
  reputation.score = kInitialScore;
}

}  // namespace countersign
