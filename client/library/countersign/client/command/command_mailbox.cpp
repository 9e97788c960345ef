#include "countersign/client/command/command_mailbox.hpp"

namespace countersign::client {

void CommandMailbox::put(const Message& message) {
  const std::scoped_lock guard{mutex_};
  if (message.retained || message.payload.size() > kCommandChallengeBytes) {
    return;
  }
  if (waiting_.size() == kMostWaiting) {
    waiting_.pop_front();
  }
  waiting_.push_back(message.payload);
  came_.notify_one();
}

std::optional<std::vector<std::byte>> CommandMailbox::take(CommandDeadline until) {
  std::unique_lock guard{mutex_};
  if (!came_.wait_until(guard, until, [this] { return !waiting_.empty(); })) {
    return std::nullopt;
  }
  std::vector<std::byte> next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

void CommandMailbox::clear() {
  const std::scoped_lock guard{mutex_};
  waiting_.clear();
}

}  // namespace countersign::client
