#include "agent/reader_host.hpp"

#include <utility>

namespace countersign::cli {
namespace {

constexpr std::chrono::milliseconds kAskAgain{1000};
constexpr int kMostTries = 30;  // then it is told as a card that is none of ours

}  // namespace

ReaderHost::ReaderHost(EventQueue& events, const Wakeup& bell, std::function<void(std::string)> say)
    : bell_{bell},
      say_{std::move(say)},
      events_{events},
      book_{events},
      watch_{[this](const auto& event) {
        {
          const std::scoped_lock guard{mutex_};
          happened_.push_back(event);
        }
        bell_.wake();
      }} {}

void ReaderHost::catch_up() {
  std::deque<client::ReaderEvent> happened;
  std::deque<Identified> identified;
  {
    const std::scoped_lock guard{mutex_};
    happened.swap(happened_);
    identified.swap(identified_);
  }
  // a card said who it was before it went
  for (const Identified& one : identified) {
    hear(one);
  }
  for (const client::ReaderEvent& event : happened) {
    take(event);
  }
  ask_again();
}

/// Nobody hides a card from T by keeping its reader for a moment.
void ReaderHost::hear(const Identified& one) {
  const client::CardSighting& seen = one.sighting;
  const bool foreign = seen.why.what == client::CardError::not_ours;
  if (!seen.uid && !foreign) {
    Unasked& unasked = unasked_[seen.reader];
    unasked.insertion = one.insertion;
    unasked.due = Clock::now() + kAskAgain;
    if (++unasked.tries < kMostTries) {
      return;
    }
  }
  unasked_.erase(seen.reader);
  if (!seen.uid) {
    say_(printable(seen.reader) + ": " + printable(seen.why.error().text));
  }
  book_.identified(seen.reader, one.insertion, seen.uid);
}

void ReaderHost::ask_again() {
  for (auto& [reader, unasked] : unasked_) {
    if (Clock::now() >= unasked.due) {
      unasked.due = Clock::time_point::max();  // until it is heard
      identify(reader, unasked.insertion);
    }
  }
}

void ReaderHost::take(const client::ReaderEvent& event) {
  using What = client::ReaderEvent::What;
  switch (event.what) {
    case What::reader_added:
      pool_.add(event.reader);
      book_.add(event.reader);
      return;
    case What::reader_removed:
      pool_.remove(event.reader);
      unasked_.erase(event.reader);
      book_.remove(event.reader);
      return;
    case What::inserted:
      pool_.forget(event.reader);
      unasked_.erase(event.reader);
      identify(event.reader, book_.insert(event.reader));
      return;
    case What::removed:
      pool_.forget(event.reader);
      unasked_.erase(event.reader);
      book_.take_out(event.reader);
      return;
    case What::service_lost:
      events_.add("service_lost");
      say_("the PC/SC service is gone; waiting for it");
      return;
    case What::service_found:
      events_.add("service_found");
      say_("the PC/SC service is there");
      return;
  }
}

void ReaderHost::identify(const std::string& reader, std::uint64_t insertion) {
  pool_.identify(reader, [this, insertion](const client::CardSighting& sighting) {
    {
      const std::scoped_lock guard{mutex_};
      identified_.push_back({insertion, sighting});
    }
    bell_.wake();
  });
}

}  // namespace countersign::cli
