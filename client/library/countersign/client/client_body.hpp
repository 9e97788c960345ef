#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "countersign/client/client.hpp"
#include "countersign/client/mqtt/paho_link.hpp"
#include "countersign/client/session/core.hpp"
#include "openssl/crypto.hpp"

namespace countersign::client {

/// The client's thread: a queue of things to do, run one after the other against the core.
class Client::Body {
 public:
  Body(Options options, std::unique_ptr<KeySource> key, Observer observer, TrustStore trust,
       Status usable);
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() { close(); }

  using Task = std::function<void(Core&, Millis now)>;

  /// Runs `task` on the client's thread, later. False once it is closed.
  bool post(Task task);

  /// Runs `start` with a function to call once with the result, and waits for that.
  template <class T, class Start>
  [[nodiscard]] Outcome<T> ask(Start start);

  void publish(Letter letter, PublishDone done);
  void administer(WipedText command, AdminDone done);
  [[nodiscard]] Outcome<Core::AdminOutcomes> administer_all(std::vector<WipedText> commands);
  [[nodiscard]] Status wait_pending(std::size_t limit, Millis timeout);
  [[nodiscard]] std::size_t pending() const { return pending_; }
  [[nodiscard]] State state();
  [[nodiscard]] Outcome<SessionInfo> session();
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] bool signs_on_card() const { return key_->signs_on_card(); }
  void close();

 private:
  void run();
  void take_snapshot();
  [[nodiscard]] bool on_own_thread() const { return std::this_thread::get_id() == thread_id_; }

  const Options options_;
  std::unique_ptr<KeySource> key_;
  const Observer observer_;
  const Status usable_;  // why nothing can be done, if so
  openssl::OpenSslCrypto crypto_;
  openssl::OpenSslRandom random_;
  PahoLink link_;
  Core core_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  bool stopping_ = false;
  State state_ = State::offline;
  std::optional<Outcome<SessionInfo>> session_;

  std::mutex pending_mutex_;
  std::condition_variable settled_;
  std::atomic<std::size_t> pending_{0};

  std::mutex close_mutex_;
  std::atomic<std::thread::id> thread_id_{};
  std::thread thread_;
};

template <class T, class Start>
Outcome<T> Client::Body::ask(Start start) {
  if (!usable_) {
    return usable_.why();
  }
  if (on_own_thread()) {
    return Error{Fault::usage, "a callback may not wait for its own client"};
  }
  auto promise = std::make_shared<std::promise<Outcome<T>>>();
  auto future = promise->get_future();
  const bool taken = post([this, promise, start = std::move(start)](Core& core, Millis now) {
    const auto done = [this, promise](const Outcome<T>& outcome) {
      take_snapshot();  // who was waiting must not see what was before
      promise->set_value(outcome);
    };
    start(core, done, now);
  });
  if (!taken) {
    return Error{Fault::usage, "the client was closed"};
  }
  return future.get();
}

}  // namespace countersign::client
