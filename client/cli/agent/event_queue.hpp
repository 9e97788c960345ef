#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "console.hpp"
#include "countersign/client/client.hpp"

namespace countersign::cli {

/// An agent's events in the order in which they happened, each published once the one before was
/// accepted, however long the broker is away (docs/protocol.md, section 11). Any thread.
class EventQueue {
 public:
  /// `complain` gets a line for the log.
  EventQueue(std::string identity, std::string host, std::function<void(std::string)> complain);

  /// Queues what happened now. `fields` are those besides `v`, `event`, `number`, `at`, `uptime`
  /// and `host`. With 65,536 waiting the oldest is given up, and the log told.
  void add(std::string_view event, Json fields = Json::object());
  /// Sends what waits. Does nothing while an outcome is awaited; if the client could not send it,
  /// the next call tries again.
  void send_to(client::Client& client);
  /// The text of an `offline` event that a will carries.
  [[nodiscard]] std::string last_words();

  [[nodiscard]] bool empty() const;
  [[nodiscard]] const std::string& topic() const { return topic_; }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] Json compose(std::string_view event, std::uint64_t number) const;
  void settled(client::Client& client, std::uint64_t number,
               const client::Outcome<client::Published>& outcome);

  const std::string topic_;
  const std::string host_;
  const std::function<void(std::string)> complain_;
  const Clock::time_point start_ = Clock::now();

  struct Waiting {
    std::uint64_t number = 0;
    std::string text;
  };
  mutable std::mutex mutex_;
  std::deque<Waiting> waiting_;  // under mutex_, as all below
  std::uint64_t last_number_ = 0;
  bool under_way_ = false;
};

}  // namespace countersign::cli
