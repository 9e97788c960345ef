#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "countersign/client/command/command_exchange.hpp"
#include "countersign/client/message.hpp"

namespace countersign::client {

/// What comes on one of a device's command topics, from the client's thread to the one that waits.
class CommandMailbox {
 public:
  /// Old news, and what stood in the broker before, are not for this command.
  void put(const Message& message);
  /// The next payload, or nothing when the time is up.
  [[nodiscard]] std::optional<std::vector<std::byte>> take(CommandDeadline until);
  void clear();

 private:
  static constexpr std::size_t kMostWaiting = 64;

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::vector<std::byte>> waiting_;
};

}  // namespace countersign::client
