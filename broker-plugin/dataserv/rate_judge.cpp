#include "dataserv/rate_judge.hpp"

#include <utility>

namespace countersign::dataserv {

Opinion RateJudge::judge(Heard& heard, std::size_t& place) {
  place = place_of(heard.identity, place);
  State& state = states_[place];
  heard.note(state);
  const bool timely = this->timely(state, heard.now);
  const bool moving = spec_.stuck == 0 || this->moving(state, heard.values);
  return timely && moving ? Opinion::in_range : Opinion::out_of_range;
}

/// Who stood at `last` has most often not moved since; else it is looked for.
std::size_t RateJudge::place_of(std::string_view identity, std::size_t last) {
  if (last < states_.size() && states_[last].identity == identity) {
    return last;
  }
  if (const auto found = places_.find(identity); found != places_.end()) {
    return found->second;
  }
  states_.emplace_back().identity = identity;
  return places_[states_.back().identity] = states_.size() - 1;
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
  const auto found = places_.find(identity);
  if (found == places_.end()) {
    return;
  }
  const std::size_t place = found->second;
  std::swap(states_[place], states_.back());
  places_[states_[place].identity] = place;
  places_.erase(places_.find(identity));
  states_.pop_back();
}

}  // namespace countersign::dataserv
