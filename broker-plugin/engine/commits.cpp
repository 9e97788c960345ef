#include "engine/commits.hpp"

#include <utility>

namespace countersign::engine {

void Commits::submit(store::Change change, Action action) {
  const std::optional<store::Ticket> ticket = writer_->submit(std::move(change));
  if (!ticket) {
    failure_ = "the writer's queue is full";
  }
  if (!action) {
    return;
  }
  if (ticket) {
    waiting_.emplace(*ticket, std::move(action));
  } else {
    turned_away_.push_back(std::move(action));
  }
}

void Commits::drain(Millis now) {
  for (const Action& action : std::exchange(turned_away_, {})) {
    action(false, now);
  }
  writer_->drain([this, now](const store::Completion& done) {
    failure_ = done.durable ? std::string{} : done.error;
    const auto found = waiting_.find(done.ticket);
    if (found == waiting_.end()) {
      return;
    }
    const Action action = std::move(found->second);
    waiting_.erase(found);
    action(done.durable, now);
  });
}

}  // namespace countersign::engine
