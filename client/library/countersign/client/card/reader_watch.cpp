#include "countersign/client/card/reader_watch.hpp"

#include <winscard.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace countersign::client {
namespace {

using What = ReaderEvent::What;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{2000};
constexpr milliseconds kStopPatience{2000};
constexpr milliseconds kCancelAgain{20};
/// What slips between listing the readers and waiting for them is seen after this.
constexpr milliseconds kLongestWait{5000};
/// So many looks without anything to tell, then a pause: a driver in trouble may spin.
constexpr int kMostIdleLooks = 8;
/// More moves of one card between two looks are told as one.
constexpr std::uint32_t kMostMoves = 8;

constexpr std::uint32_t kNotFedBack = SCARD_STATE_CHANGED | SCARD_STATE_IGNORE;
constexpr std::uint32_t kNoSight = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE;

bool is_present(std::uint32_t state) {
  return (state & SCARD_STATE_PRESENT) != 0 && (state & kNoSight) == 0;
}

/// How often a card went in or out between two states: the counter tells what the states do not.
std::uint32_t moves_between(std::uint32_t was, std::uint32_t is) {
  const bool changed = is_present(was) != is_present(is);
  if (((was | is) & kNoSight) != 0) {
    return changed ? 1 : 0;
  }
  const std::uint32_t counted = ((is >> 16U) - (was >> 16U)) & 0xFFFFU;
  const std::uint32_t least = changed ? 1 : counted == 0 ? 0 : 2;
  return counted <= kMostMoves && counted % 2 == least % 2 ? counted : least;
}

template <class Readers>
auto find_reader(Readers& readers, const std::string& name) {
  return std::find_if(readers.begin(), readers.end(),
                      [&](const WatchedReader& reader) { return reader.name == name; });
}

}  // namespace

/// What the thread works on. Apart from the watch: if PC/SC never returns, it stays behind with the
/// thread.
class ReaderWatch::Round {
 public:
  Round(Take take, std::unique_ptr<ReaderSource> source)
      : take_{std::move(take)}, source_{std::move(source)} {}

  void run();
  /// \returns whether the thread has come to its end.
  [[nodiscard]] bool stop();
  /// Until the thread has ended: a cancel that comes before the wait has begun is lost.
  void cancel_until_ended();

 private:
  enum class Sight : std::uint8_t { clear, stale, none };

  [[nodiscard]] Sight look();
  [[nodiscard]] Sight list(std::vector<WatchedReader>& out);
  void compare(const std::vector<WatchedReader>& now);
  void compare_reader(const WatchedReader& was, const WatchedReader& is);
  void rest();
  void lose();
  void tell(What what, const std::string& reader = {});
  [[nodiscard]] bool stopping();

  Take take_;
  std::unique_ptr<ReaderSource> source_;
  std::vector<WatchedReader> known_;
  milliseconds pause_ = kFirstPause;
  int idle_looks_ = 0;
  bool established_ = false;
  bool fresh_ = true;  // the states of `known_` are those of another context
  bool lost_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool ended_ = false;
};

bool ReaderWatch::Round::stopping() {
  const std::scoped_lock lock{mutex_};
  return stopping_;
}

void ReaderWatch::Round::run() {
  while (!stopping()) {
    const Sight sight = look();
    if (sight == Sight::none) {
      lose();
    } else if (sight == Sight::stale || idle_looks_ > kMostIdleLooks) {
      idle_looks_ = 0;
      rest();
    }
  }
  source_->release();  // here, because this too asks the service
  const std::scoped_lock lock{mutex_};
  ended_ = true;
  changed_.notify_all();
}

/// One list, one wait, and what they tell.
ReaderWatch::Round::Sight ReaderWatch::Round::look() {
  if (!established_ && source_->establish() != SCARD_S_SUCCESS) {
    return Sight::none;
  }
  established_ = true;
  std::vector<WatchedReader> now;
  if (const Sight listed = list(now); listed != Sight::clear) {
    return listed;
  }
  const bool wait = !fresh_ && now.size() == known_.size() &&
                    std::all_of(now.begin(), now.end(), [](const auto& r) { return r.state != 0; });
  const PcscCode code = source_->wait(now, wait ? kLongestWait : milliseconds{0});
  const bool timed_out = code == static_cast<PcscCode>(SCARD_E_TIMEOUT);
  idle_looks_ = timed_out && wait ? 0 : idle_looks_ + 1;
  if (code == static_cast<PcscCode>(SCARD_E_CANCELLED)) {
    return Sight::clear;
  }
  if (code != SCARD_S_SUCCESS && !timed_out) {
    return error_of(code) == CardError::no_reader ? Sight::stale : Sight::none;
  }
  if (std::exchange(lost_, false)) {
    tell(What::service_found);
  }
  pause_ = kFirstPause;
  compare(now);
  return Sight::clear;
}

/// The readers that there are, in the states that are known.
ReaderWatch::Round::Sight ReaderWatch::Round::list(std::vector<WatchedReader>& out) {
  std::vector<std::string> names;
  const PcscCode code = source_->list(names);
  if (code != SCARD_S_SUCCESS && error_of(code) != CardError::no_reader) {
    return Sight::none;
  }
  for (std::string& name : names) {
    const auto known = find_reader(known_, name);
    const std::uint32_t state = fresh_ || known == known_.end() ? 0 : known->state;
    out.push_back({std::move(name), state});
  }
  return Sight::clear;
}

void ReaderWatch::Round::compare(const std::vector<WatchedReader>& now) {
  for (const WatchedReader& was : known_) {
    if (find_reader(now, was.name) == now.end()) {
      if (is_present(was.state)) {
        tell(What::removed, was.name);
      }
      tell(What::reader_removed, was.name);
    }
  }
  for (const WatchedReader& is : now) {
    const auto was = find_reader(known_, is.name);
    if (was != known_.end()) {
      compare_reader(*was, is);
      continue;
    }
    tell(What::reader_added, is.name);
    if (is_present(is.state)) {
      tell(What::inserted, is.name);
    }
  }
  known_ = now;
  for (WatchedReader& reader : known_) {
    reader.state &= ~kNotFedBack;
  }
  fresh_ = false;
}

void ReaderWatch::Round::compare_reader(const WatchedReader& was, const WatchedReader& is) {
  bool inside = is_present(was.state);
  std::uint32_t moves = moves_between(was.state, is.state);
  if (fresh_) {
    // nobody looked meanwhile: the card in the reader may be another
    moves = (inside ? 1U : 0U) + (is_present(is.state) ? 1U : 0U);
  }
  for (; moves > 0; --moves) {
    inside = !inside;
    tell(inside ? What::inserted : What::removed, is.name);
  }
}

void ReaderWatch::Round::lose() {
  established_ = false;
  fresh_ = true;
  if (!std::exchange(lost_, true)) {
    tell(What::service_lost);
  }
  rest();
}

void ReaderWatch::Round::rest() {
  if (!stopping()) {
    source_->pause(pause_);
    pause_ = std::min(2 * pause_, kLongestPause);
  }
}

void ReaderWatch::Round::tell(What what, const std::string& reader) {
  idle_looks_ = 0;
  if (!stopping()) {
    take_({what, reader});
  }
}

bool ReaderWatch::Round::stop() {
  std::unique_lock lock{mutex_};
  stopping_ = true;
  return changed_.wait_for(lock, kStopPatience, [this] { return ended_; });
}

void ReaderWatch::Round::cancel_until_ended() {
  std::unique_lock lock{mutex_};
  while (!ended_) {
    lock.unlock();
    source_->cancel();
    lock.lock();
    changed_.wait_for(lock, kCancelAgain, [this] { return ended_; });
  }
}

ReaderWatch::ReaderWatch(Take take, std::unique_ptr<ReaderSource> source)
    : round_{std::make_unique<Round>(std::move(take), std::move(source))},
      thread_{[round = round_.get()] { round->run(); }} {}

ReaderWatch::~ReaderWatch() {
  // to cancel is to ask the service too, so that can hang as well
  std::thread canceller{[round = round_.get()] { round->cancel_until_ended(); }};
  if (round_->stop()) {
    thread_.join();
    canceller.join();
    return;
  }
  thread_.detach();
  canceller.detach();
  static_cast<void>(round_.release());
}

}  // namespace countersign::client
