#include "dataserv/rate_judge.hpp"

#include <utility>

namespace countersign::dataserv {

Opinion RateJudge::judge(Heard& heard, std::size_t& /*place*/) {
  auto found = states_.find(heard.identity);
  if (found == states_.end()) {
    found = states_.emplace(heard.identity, State{}).first;
  }
  State& state = found->second;
  const bool timely = this->timely(state, heard.now);
  const bool moving = spec_.stuck == 0 || this->moving(state, heard.values);
  return timely && moving ? Opinion::in_range : Opinion::out_of_range;
}

bool RateJudge::timely(State& state, Millis now) const {
  const Millis before = std::exchange(state.last, now);
  const Millis passed = now - before;
  // a clock that was set back says nothing of the device
  return before == 0 || passed < 0 ||
         (passed >= spec_.shortest && (spec_.longest == 0 || passed <= spec_.longest));
}

bool RateJudge::moving(State& state, Values& values) const {
  const auto number = values.at(spec_.path);
  if (!number) {
    return false;
  }
  state.equal = state.equal > 0 && *number == state.number ? state.equal + 1 : 1;
  state.number = *number;
  return state.equal < spec_.stuck;
}

void RateJudge::forget(std::string_view identity) {
  if (const auto found = states_.find(identity); found != states_.end()) {
    states_.erase(found);
  }
}

}  // namespace countersign::dataserv
