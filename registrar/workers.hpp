#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "registrar/conversation.hpp"

namespace countersign::registrar {

/// The threads that serve connections, and how many each network has open.
class Workers {
 public:
  Workers(const Desk& desk, const Settings& settings);
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  /// Ends waits for requests; those that came are answered.
  ~Workers();

  /// Counts one more connection of `network`. False if it has too many, or all together have.
  [[nodiscard]] bool enter(const std::string& network);
  /// Serves it as soon as a thread is free, and counts it out. `preset`: see `Conversation`.
  void serve(std::unique_ptr<TlsStream> stream, std::optional<Answer> preset);
  /// Counts out a connection that will not be served.
  void leave(const std::string& network);

  [[nodiscard]] const std::atomic<bool>& stopping() const { return stopping_; }

 private:
  struct Job {
    std::unique_ptr<TlsStream> stream;
    std::optional<Answer> preset;
  };

  void run(const Desk& desk);
  [[nodiscard]] std::optional<Job> next();

  const std::size_t most_;
  const std::size_t most_of_one_;
  const Millis answer_time_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  std::unordered_map<std::string, std::size_t> open_;
  std::size_t count_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace countersign::registrar
