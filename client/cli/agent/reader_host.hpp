#pragma once

#include <deque>
#include <functional>
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
  /// An `online` event: who is here.
  void announce() { book_.announce(); }

  /// Asks all readers for that card, on their own threads. Any thread.
  void carry(const CardOrder& order, std::function<void(const client::CardAnswer&)> done) {
    pool_.carry(order, std::move(done));
  }

 private:
  struct Identified {
    std::uint64_t insertion = 0;
    client::CardSighting sighting;
  };

  void take(const client::ReaderEvent& event);
  void identify(const std::string& reader);

  const Wakeup& bell_;
  const std::function<void(std::string)> say_;
  EventQueue& events_;
  ReaderBook book_;

  std::mutex mutex_;
  std::deque<client::ReaderEvent> happened_;  // under mutex_, as below: they come on other threads
  std::deque<Identified> identified_;

  client::ReaderPool pool_;
  client::ReaderWatch watch_;  ///< last: it uses all the others
};

}  // namespace countersign::cli
