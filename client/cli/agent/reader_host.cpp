#include "agent/reader_host.hpp"

#include <utility>

namespace countersign::cli {

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
    if (!one.sighting.uid) {
      say_(printable(one.sighting.reader) + ": " + printable(one.sighting.why.error().text));
    }
    book_.identified(one.sighting.reader, one.insertion, one.sighting.uid);
  }
  for (const client::ReaderEvent& event : happened) {
    take(event);
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
      book_.remove(event.reader);
      return;
    case What::inserted:
      pool_.forget(event.reader);
      identify(event.reader);
      return;
    case What::removed:
      pool_.forget(event.reader);
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

void ReaderHost::identify(const std::string& reader) {
  const std::uint64_t insertion = book_.insert(reader);
  pool_.identify(reader, [this, insertion](const client::CardSighting& sighting) {
    {
      const std::scoped_lock guard{mutex_};
      identified_.push_back({insertion, sighting});
    }
    bell_.wake();
  });
}

}  // namespace countersign::cli
