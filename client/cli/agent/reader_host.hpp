#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

#include "agent/reader_book.hpp"
#include "countersign/client/card/reader_pool.hpp"
#include "countersign/client/card/reader_watch.hpp"
#include "stop_signals.hpp"

namespace countersign::cli {

/// The readers of this host: what happens at them becomes events, what T wants of their cards is
/// done. Made, asked to `catch_up` and destroyed on one thread.
class ReaderHost {
 public:
  /// `bell` is rung when there is something to catch up with.
  ReaderHost(EventQueue& events, const Wakeup& bell, std::function<void(std::string)> say);

  /// Turns what happened meanwhile into events.
  void catch_up();
  /// Whether a card could not be asked who it is and is to be asked again: in a second, by
  /// `catch_up`.
  [[nodiscard]] bool has_unasked() const { return !unasked_.empty(); }
  /// An `online` event: who is here.
  void announce() { book_.announce(); }

  /// Asks all readers for that card, on their own threads. Any thread.
  void carry(const CardOrder& order, std::function<void(const client::CardAnswer&)> done) {
    pool_.carry(order, std::move(done));
  }

 private:
  using Clock = std::chrono::steady_clock;
  struct Identified {
    std::uint64_t insertion = 0;
    client::CardSighting sighting;
  };

  /// A card that another application keeps from us, or that did not answer.
  struct Unasked {
    std::uint64_t insertion = 0;
    int tries = 0;
    Clock::time_point due;
  };

  void take(const client::ReaderEvent& event);
  void hear(const Identified& one);
  void identify(const std::string& reader, std::uint64_t insertion);
  void ask_again();

  const Wakeup& bell_;
  const std::function<void(std::string)> say_;
  EventQueue& events_;
  ReaderBook book_;
  std::map<std::string, Unasked> unasked_;

  std::mutex mutex_;
  std::deque<client::ReaderEvent> happened_;  // under mutex_, as below: they come on other threads
  std::deque<Identified> identified_;

  client::ReaderPool pool_;
  client::ReaderWatch watch_;  ///< last: it uses all the others
};

}  // namespace countersign::cli
