#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "console.hpp"
#include "countersign/client/client.hpp"
#include "stop_signals.hpp"

namespace countersign::cli {

/// Asks the broker again and again without waiting for it, and hears how the connection is. What
/// comes wakes `bell()`.
class AdminPoller {
 public:
  /// Give it to the client that will be asked.
  [[nodiscard]] client::Observer observer();

  /// Does nothing while an answer is awaited.
  void ask(client::Client& client, const Json& command);
  /// The answer, once.
  [[nodiscard]] std::optional<client::Outcome<Json>> take();
  /// Why there is nothing new; empty while all is well.
  [[nodiscard]] std::string status() const;
  [[nodiscard]] const Wakeup& bell() const { return bell_; }

 private:
  void answered(const client::Outcome<std::string>& outcome);

  Wakeup bell_;
  mutable std::mutex mutex_;
  bool asked_ = false;  // under mutex_, as all below: answers come on the client's thread
  std::optional<client::Outcome<Json>> answer_;
  std::string status_;
};

}  // namespace countersign::cli
