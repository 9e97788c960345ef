#include "countersign/client/card/reader_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "countersign/client/card/errand.hpp"
#include "countersign/client/card/reader_worker.hpp"

namespace countersign::client {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kEndPatience{2000};

}  // namespace

/// What the threads share. Apart from the pool: it stays behind with a thread that never returns.
class ReaderPool::Desk {
 public:
  Desk(TransportFactory transports, std::chrono::milliseconds limit)
      : transports_{std::move(transports)}, limit_{limit}, clock_{[this] { watch_time(); }} {}

  void add(const std::string& reader);
  void remove(const std::string& reader);
  void forget(const std::string& reader);
  void identify(const std::string& reader, const std::function<void(const CardSighting&)>& done);
  void carry(const CardOrder& order, std::function<void(const CardAnswer&)> done);
  /// \returns whether every thread has come to its end.
  [[nodiscard]] bool close();

 private:
  using Number = std::uint64_t;
  using Workers = std::vector<std::unique_ptr<ReaderWorker>>;

  /// An order that is not answered yet.
  struct Pending {
    std::function<void(const CardAnswer&)> done;
    Clock::time_point deadline;
    std::size_t asked = 0;  ///< readers that have not answered
    bool claimed = false;   ///< a reader has the card
  };

  /// What was last seen in a reader. A sighting older than `forget` counts no more.
  struct Content {
    std::uint64_t age = 0;  ///< how often it was forgotten
    std::optional<CardUid> uid;
  };

  void lose(const std::string& reader);
  void note(const std::string& reader, std::uint64_t age, const CardSighting& seen);
  [[nodiscard]] std::vector<ReaderWorker*> candidates(const CardUid& uid);
  void ask(ReaderWorker& worker, Number number, const CardOrder& order);
  [[nodiscard]] bool claim(Number number);
  void report(Number number, const CardAnswer& answer);
  void watch_time();
  void reap();
  [[nodiscard]] bool closed();

  TransportFactory transports_;
  std::chrono::milliseconds limit_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Workers workers_;
  Workers retired_;  // of readers that are gone, until their threads have ended
  std::map<std::string, Content> contents_;
  std::map<Number, Pending> pending_;
  Number last_ = 0;
  bool closed_ = false;
  std::thread clock_;  // last: it uses all the others
};

void ReaderPool::Desk::add(const std::string& reader) {
  const std::scoped_lock lock{mutex_};
  reap();
  const bool known = std::any_of(workers_.begin(), workers_.end(),
                                 [&](const auto& worker) { return worker->reader() == reader; });
  if (!known) {
    workers_.push_back(std::make_unique<ReaderWorker>(reader, transports_));
  }
}

void ReaderPool::Desk::remove(const std::string& reader) {
  const std::scoped_lock lock{mutex_};
  const auto gone = std::find_if(workers_.begin(), workers_.end(),
                                 [&](const auto& worker) { return worker->reader() == reader; });
  if (gone != workers_.end()) {
    (*gone)->end();
    retired_.push_back(std::move(*gone));
    workers_.erase(gone);
  }
  lose(reader);
  reap();
}

void ReaderPool::Desk::forget(const std::string& reader) {
  const std::scoped_lock lock{mutex_};
  lose(reader);
}

/// Under the lock.
void ReaderPool::Desk::lose(const std::string& reader) {
  Content& content = contents_[reader];
  content = {.age = content.age + 1, .uid = {}};
}

void ReaderPool::Desk::note(const std::string& reader, std::uint64_t age,
                            const CardSighting& seen) {
  const std::scoped_lock lock{mutex_};
  if (const auto content = contents_.find(reader);
      content != contents_.end() && content->second.age == age) {
    content->second.uid = seen.uid;
  }
}

/// Under the lock: the readers in which that card may be.
std::vector<ReaderWorker*> ReaderPool::Desk::candidates(const CardUid& uid) {
  std::vector<ReaderWorker*> out;
  for (const auto& worker : workers_) {
    const auto content = contents_.find(worker->reader());
    if (content == contents_.end() || content->second.uid.value_or(uid) == uid) {
      out.push_back(worker.get());
    }
  }
  return out;
}

void ReaderPool::Desk::reap() {
  std::erase_if(retired_, [](const auto& worker) { return worker->has_ended(); });
}

bool ReaderPool::Desk::closed() {
  const std::scoped_lock lock{mutex_};
  return closed_;
}

void ReaderPool::Desk::identify(const std::string& reader,
                                const std::function<void(const CardSighting&)>& done) {
  std::uint64_t age = 0;
  {
    const std::scoped_lock lock{mutex_};
    age = contents_[reader].age;
  }
  const auto look = [this, age, done](ReaderWorker& worker) {
    CardSighting seen{.reader = worker.reader(), .uid = {}, .why = {}};
    seen.why = worker.on_card([&](CardSession& card) -> CardFailure {
      seen.uid = card.selected().uid;
      seen.life_cycle = card.selected().life_cycle;
      return {};
    });
    note(seen.reader, age, seen);
    if (!closed()) {
      done(seen);
    }
  };
  {
    const std::scoped_lock lock{mutex_};
    for (const auto& worker : workers_) {
      if (worker->reader() == reader && worker->give(look)) {
        return;
      }
    }
  }
  done({.reader = reader, .uid = {}, .why = {.what = CardError::no_reader}});
}

void ReaderPool::Desk::carry(const CardOrder& order, std::function<void(const CardAnswer&)> done) {
  {
    const std::scoped_lock lock{mutex_};
    const auto asked = candidates(order.uid);
    if (!asked.empty()) {
      const Number number = ++last_;
      pending_[number] = {std::move(done), Clock::now() + limit_, asked.size(), false};
      for (ReaderWorker* worker : asked) {
        ask(*worker, number, order);
      }
      changed_.notify_all();
      return;
    }
  }
  done({});
}

/// Under the lock. A reader that takes no more jobs is one that the time limit is for.
void ReaderPool::Desk::ask(ReaderWorker& worker, Number number, const CardOrder& order) {
  static_cast<void>(worker.give([this, number, order](ReaderWorker& asked) {
    Errand errand{order};
    bool mine = false;
    static_cast<void>(asked.on_card([&](CardSession& card) -> CardFailure {
      mine = card.selected().uid == order.uid && (mine || claim(number));
      return mine ? errand.perform(card) : CardFailure{};
    }));
    report(number, errand.answer());
  }));
}

/// For the first that asks, while somebody waits for the answer.
bool ReaderPool::Desk::claim(Number number) {
  const std::scoped_lock lock{mutex_};
  const auto pending = pending_.find(number);
  return pending != pending_.end() && !std::exchange(pending->second.claimed, true);
}

void ReaderPool::Desk::report(Number number, const CardAnswer& answer) {
  std::function<void(const CardAnswer&)> done;
  {
    const std::scoped_lock lock{mutex_};
    const auto pending = pending_.find(number);
    if (closed_ || pending == pending_.end() || (--pending->second.asked > 0 && !answer.here)) {
      return;
    }
    done = std::move(pending->second.done);
    pending_.erase(pending);
  }
  done(answer.here ? answer : CardAnswer{});
}

/// Answers the orders whose time is over. Numbers and deadlines rise together.
void ReaderPool::Desk::watch_time() {
  std::unique_lock lock{mutex_};
  while (!closed_) {
    if (pending_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = pending_.begin();
    const Clock::time_point deadline = first->second.deadline;  // `first` may be gone meanwhile
    if (deadline > Clock::now()) {
      changed_.wait_until(lock, deadline);
      continue;
    }
    const auto done = std::move(first->second.done);
    pending_.erase(first);
    lock.unlock();
    done({});
    lock.lock();
  }
}

bool ReaderPool::Desk::close() {
  {
    const std::scoped_lock lock{mutex_};
    closed_ = true;
    changed_.notify_all();
    for (auto& worker : workers_) {
      worker->end();
      retired_.push_back(std::move(worker));
    }
    workers_.clear();
  }
  clock_.join();
  const auto deadline = Clock::now() + kEndPatience;
  bool all = true;
  for (auto& worker : retired_) {
    if (worker->has_ended(deadline)) {
      worker.reset();
      continue;
    }
    worker->abandon();
    all = false;
  }
  return all;
}

ReaderPool::ReaderPool(TransportFactory transports, std::chrono::milliseconds carry_limit)
    : desk_{std::make_unique<Desk>(std::move(transports), carry_limit)} {}

ReaderPool::~ReaderPool() {
  if (!desk_->close()) {
    static_cast<void>(desk_.release());
  }
}

void ReaderPool::add(const std::string& reader) { desk_->add(reader); }
void ReaderPool::remove(const std::string& reader) { desk_->remove(reader); }
void ReaderPool::forget(const std::string& reader) { desk_->forget(reader); }

void ReaderPool::identify(const std::string& reader,
                          const std::function<void(const CardSighting&)>& done) {
  desk_->identify(reader, done);
}

void ReaderPool::carry(const CardOrder& order, std::function<void(const CardAnswer&)> done) {
  desk_->carry(order, std::move(done));
}

}  // namespace countersign::client
