#include "countersign/replay_window.hpp"

namespace countersign {

Refusal ReplayWindow::spend(std::uint32_t counter) {
  if (ring_.empty()) {
    return Refusal::internal;
  }
  if (counter > newest_) {
    slide_to(counter);
  } else if (newest_ - counter > reach()) {
    return Refusal::stale;
  }
  const std::uint64_t bit = std::uint64_t{1} << (counter % 64);
  std::uint64_t& word = word_of(counter);
  if ((word & bit) != 0) {
    return Refusal::replayed;
  }
  word |= bit;
  return Refusal::none;
}

void ReplayWindow::slide_to(std::uint32_t counter) {
  const std::uint32_t steps = counter / 64 - newest_ / 64;
  for (std::uint32_t i = 0; i < steps && i < ring_.size(); ++i) {
    word_of(counter - 64 * i) = 0;
  }
  newest_ = counter;
}

void Outcomes::record(std::uint32_t seq, std::uint32_t newest, ByteView tag, Refusal why) {
  // a straggler would take the place of a later number, which would then look forked
  if (newest - seq >= kKept) {
    return;
  }
  Outcome& outcome = outcomes_[seq % kKept];
  copy(tag, outcome.tag);
  outcome.why = why;
}

Refusal Outcomes::answer(std::uint32_t seq, std::uint32_t newest, ByteView tag) const {
  if (newest - seq >= kKept) {
    return Refusal::replayed;
  }
  const Outcome& outcome = outcomes_[seq % kKept];
  if (!same_tag(outcome.tag, tag.first(kTagBytesKept))) {
    return Refusal::forked;
  }
  return outcome.why == Refusal::none ? Refusal::duplicate : outcome.why;
}

void Acceptance::add(std::uint32_t seq) {
  if (seq >= edge) {
    const std::uint32_t moved = seq + 1 - edge;
    bitmap = moved < 64 ? bitmap << moved : 0;
    bitmap |= 1;
    edge = seq + 1;
    return;
  }
  if (const std::uint32_t behind = edge - 1 - seq; behind < 64) {
    bitmap |= std::uint64_t{1} << behind;
  }
}

bool Acceptance::holds(std::uint32_t seq) const {
  if (seq >= edge || edge - 1 - seq >= 64) {
    return false;
  }
  return (bitmap >> (edge - 1 - seq) & 1) != 0;
}

}  // namespace countersign
