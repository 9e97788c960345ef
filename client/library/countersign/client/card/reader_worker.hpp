#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "countersign/client/card/card_session.hpp"
#include "countersign/client/card/reader_pool.hpp"

namespace countersign::client {

/// One reader's thread: does one job after the other on the card in it. The connection is kept, for
/// the next job to find the card powered.
class ReaderWorker {
 public:
  using Job = std::function<void(ReaderWorker&)>;

  ReaderWorker(std::string reader, TransportFactory transports);
  ReaderWorker(const ReaderWorker&) = delete;
  ReaderWorker& operator=(const ReaderWorker&) = delete;
  /// Waits for the thread, unless it was abandoned.
  ~ReaderWorker();

  [[nodiscard]] const std::string& reader() const { return reader_; }

  /// Done later, on the worker's thread. False if too much waits already, or the worker ends.
  [[nodiscard]] bool give(Job job);
  /// No more jobs; those that wait find no reader. Returns at once.
  void end();
  /// \returns whether the thread has come to its end, now or until `deadline`.
  [[nodiscard]] bool has_ended(std::chrono::steady_clock::time_point deadline = {});
  /// Leaves the thread alone, and this object to it.
  void abandon() { thread_.detach(); }

  /// Inside a job: one transaction on whatever card is there now.
  [[nodiscard]] CardFailure on_card(const std::function<CardFailure(CardSession&)>& work);

 private:
  void run();
  [[nodiscard]] std::optional<Job> next();
  [[nodiscard]] bool ending();
  [[nodiscard]] CardFailure on_session(const std::function<CardFailure(CardSession&)>& work);

  std::string reader_;
  TransportFactory transports_;
  std::unique_ptr<CardSession> session_;  // the thread's own

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  bool ended_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace countersign::client
