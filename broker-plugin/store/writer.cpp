#include "store/writer.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/file_table.hpp"

namespace countersign::store {
namespace {

using Clock = std::chrono::steady_clock;

/// How often the broker's thread is woken until it drains.
constexpr std::chrono::milliseconds kWakeEvery{1};

/// Starts a thread that takes no signals: they are the broker's.
std::thread start_quietly(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread{std::move(body)};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

/// True if `change` says itself what the reputation is (or that nobody has one any more).
bool sets_reputation(const Change& change) {
  return std::holds_alternative<PutRecord>(change) ||
         std::holds_alternative<RemoveRecord>(change) ||
         std::holds_alternative<SetReputation>(change) ||
         std::holds_alternative<SetExpulsion>(change) || std::holds_alternative<SetEpoch>(change);
}

using Notes = std::unordered_map<std::string, Reputation>;

struct Batch {
  std::vector<Ticket> tickets;  ///< of the first so many changes; notes follow them
  std::vector<Change> changes;
};

}  // namespace

class Writer::Thread {
 public:
  Thread(Waker& waker, WriterOptions options) : waker_{waker}, options_{options} {}

  /// Returns when the store is open, or cannot be opened.
  Status start(const Opener& open) {
    thread_ = start_quietly([this, &open] { live(open); });
    return opened_.get_future().get();
  }

  std::optional<Ticket> submit(Change change) {
    const std::lock_guard lock{mutex_};
    if (stopping_ || open_ >= options_.queue) {
      return std::nullopt;
    }
    if (sets_reputation(change)) {
      notes_.erase(identity_of(change));
      flying_notes_.erase(identity_of(change));
    }
    queue_.emplace_back(++last_ticket_, std::move(change));
    ++open_;
    wake_up_.notify_one();
    return last_ticket_;
  }

  void note(SetReputation change) {
    const std::lock_guard lock{mutex_};
    if (notes_.empty()) {
      notes_due_ = Clock::now() + std::chrono::milliseconds{options_.note_delay};
      wake_up_.notify_one();
    }
    notes_.insert_or_assign(std::move(change.identity), change.reputation);
  }

  void drain(const std::function<void(const Completion&)>& take) {
    if (!has_done_.load(std::memory_order_acquire)) {
      return;  // the broker asks with every turn of its loop
    }
    std::vector<Completion> done;
    {
      const std::lock_guard lock{mutex_};
      done.swap(done_);
      has_done_.store(false, std::memory_order_release);
      open_ -= done.size();
    }
    for (const Completion& completion : done) {
      take(completion);
    }
  }

  void stop() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
      wake_up_.notify_one();
    }
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  std::uint64_t failed() const {
    const std::lock_guard lock{mutex_};
    return failed_;
  }

  bool failing() const {
    const std::lock_guard lock{mutex_};
    return failing_;
  }

 private:
  /// The thread's whole life. `open` is gone once `opened_` is set.
  void live(const Opener& open) {
    take_own_file_table();
    auto store = open();
    if (!store) {
      opened_.set_value(store.why());
      return;
    }
    store_ = std::move(*store);
    opened_.set_value(Done{});
    work();
    store_.reset();
  }

  void work() {
    std::unique_lock lock{mutex_};
    while (true) {
      wait_for_work(lock);
      if (queue_.empty() && notes_.empty()) {
        return;  // stopping, and nothing is left
      }
      Batch batch = take_batch();
      lock.unlock();
      const Status status = store_->apply(batch.changes);
      lock.lock();
      settle(batch, status);
    }
  }

  [[nodiscard]] bool has_work() const {
    return stopping_ || !queue_.empty() || (!notes_.empty() && Clock::now() >= notes_due_);
  }

  /// Until there is something to commit; meanwhile the drainer is woken until it has drained.
  void wait_for_work(std::unique_lock<std::mutex>& lock) {
    while (!has_work()) {
      if (!done_.empty()) {
        wake_up_.wait_for(lock, kWakeEvery);
        wake_drainer();
      } else if (!notes_.empty()) {
        wake_up_.wait_until(lock, notes_due_);
      } else {
        wake_up_.wait(lock);
      }
    }
  }

  void wake_drainer() {
    if (!done_.empty() && !stopping_) {
      waker_.wake();
    }
  }

  Batch take_batch() {
    Batch batch;
    while (!queue_.empty() && batch.changes.size() < options_.batch) {
      batch.tickets.push_back(queue_.front().first);
      batch.changes.push_back(std::move(queue_.front().second));
      queue_.pop_front();
    }
    // notes ride along, but only behind all that was submitted before them
    if (queue_.empty()) {
      flying_notes_.swap(notes_);
      for (const auto& [identity, reputation] : flying_notes_) {
        batch.changes.emplace_back(SetReputation{identity, reputation});
      }
    }
    return batch;
  }

  void settle(const Batch& batch, const Status& status) {
    const bool durable = static_cast<bool>(status);
    const std::string error = durable ? std::string{} : status.why().message();
    for (const Ticket ticket : batch.tickets) {
      done_.push_back({ticket, durable, error});
    }
    has_done_.store(!done_.empty(), std::memory_order_release);
    failing_ = !durable;
    failed_ += durable ? 0U : 1U;
    if (!durable && !stopping_) {
      // what was noted or submitted meanwhile is newer
      notes_.merge(flying_notes_);
      notes_due_ = Clock::now() + std::chrono::milliseconds{options_.note_delay};
    } else if (!durable) {
      notes_.clear();
    }
    flying_notes_.clear();
    wake_drainer();
  }

  std::unique_ptr<Store> store_;  ///< the thread's alone
  std::promise<Status> opened_;
  Waker& waker_;
  const WriterOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_up_;
  std::deque<std::pair<Ticket, Change>> queue_;
  std::vector<Completion> done_;
  std::atomic<bool> has_done_ = false;  ///< tells without the lock that `done_` holds something
  Notes notes_;
  Notes flying_notes_;  ///< in the batch that is being committed
  Clock::time_point notes_due_;
  std::size_t open_ = 0;  ///< submitted and not yet drained
  Ticket last_ticket_ = 0;
  std::uint64_t failed_ = 0;
  bool failing_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

Outcome<std::unique_ptr<Writer>> Writer::start(const Opener& open, Waker& waker,
                                               WriterOptions options) {
  auto thread = std::make_unique<Thread>(waker, options);
  const Status started = thread->start(open);
  std::unique_ptr<Writer> writer{new Writer{std::move(thread)}};
  if (!started) {
    return started.why();
  }
  return writer;
}

Writer::Writer(std::unique_ptr<Thread> thread) : thread_{std::move(thread)} {}

Writer::~Writer() { flush_and_stop(); }

std::optional<Ticket> Writer::submit(Change change) { return thread_->submit(std::move(change)); }

void Writer::note(SetReputation change) { thread_->note(std::move(change)); }

void Writer::drain(const std::function<void(const Completion&)>& take) { thread_->drain(take); }

void Writer::flush_and_stop() { thread_->stop(); }

std::uint64_t Writer::failed_commits() const { return thread_->failed(); }

bool Writer::failing() const { return thread_->failing(); }

}  // namespace countersign::store
