#include "core/reading_flow.hpp"

#include "vault/vault.hpp"

namespace countersign::mcu {
namespace {

/// How far below the oldest reading a session begins: room for a few messages that come first.
constexpr std::uint32_t kRoomBefore = 4 * kControlEvery;

constexpr std::uint32_t kReceiptReach = 64;

/// What T says of a message that it would never take, however often it came.
bool is_for_good(Refusal why) {
  switch (why) {
    case Refusal::malformed:
    case Refusal::forked:
    case Refusal::out_of_range:
    case Refusal::qos2:
    case Refusal::retain:
    case Refusal::not_sealed:
    case Refusal::card_required:
    case Refusal::too_large:
      return true;
    default:
      return false;
  }
}

bool holds(const Receipt& receipt, std::uint32_t number) { return receipt.accepted.holds(number); }

}  // namespace

void ReadingFlow::begin() {
  in_flight_ = {};
  last_ = {};
  newest_ = 0;
  unreceipted_ = 0;
  held_ = 0;
  any_ = false;
  any_used_ = false;
}

bool ReadingFlow::unsent(Waiting& out) const {
  return any_ ? ring_.next(last_, out) : ring_.first(out);
}

bool ReadingFlow::has_unsent() const {
  Waiting reading;
  return unsent(reading);
}

bool ReadingFlow::has_any() const {
  Waiting reading;
  return ring_.first(reading);
}

bool ReadingFlow::next(Waiting& out) {
  const bool free = knows(0);
  if (!free || unreceipted_ >= kMaxUnreceipted || !unsent(out)) {
    return false;
  }
  // the last place from which a receipt can be asked for: whoever goes on may be left without one
  if (unreceipted_ > kMaxUnreceipted - kControlEvery && control_before(out.number)) {
    return false;
  }
  return unreceipted_ == 0 || out.number - oldest_ < kMaxSpan;
}

/// True if a number that is no reading's lies between what was sent and `number`.
bool ReadingFlow::control_before(std::uint32_t number) const {
  return (newest_ / kControlEvery + 1) * kControlEvery < number;
}

void ReadingFlow::sent(const Waiting& reading, std::uint16_t id) {
  if (unreceipted_++ == 0) {
    oldest_ = reading.number;
  }
  last_ = reading;
  any_ = true;
  spent(reading.number);
  for (InFlight& one : in_flight_) {
    if (id != 0 && one.id == 0) {
      one = {.id = id, .reading = reading};
      return;
    }
  }
}

void ReadingFlow::spent(std::uint32_t number) {
  newest_ = !any_used_ || number > newest_ ? number : newest_;
  any_used_ = true;
}

void ReadingFlow::acknowledged(std::uint16_t id) {
  // the oldest stays first: what is sent again goes in its order
  std::size_t to = 0;
  for (const InFlight& one : in_flight_) {
    if (one.id != 0 && one.id != id) {
      in_flight_[to++] = one;
    }
  }
  while (to < in_flight_.size()) {
    in_flight_[to++] = {};
  }
}

bool ReadingFlow::knows(std::uint16_t id) const {
  for (const InFlight& one : in_flight_) {
    if (one.id == id) {
      return true;
    }
  }
  return false;
}

bool ReadingFlow::received(const Receipt& receipt, bool final) {
  Waiting reading;
  for (bool more = ring_.first(reading); more; more = ring_.next(reading, reading)) {
    if (reading.number >= receipt.accepted.edge) {
      break;
    }
    if (holds(receipt, reading.number) && !ring_.mark(reading)) {
      return false;
    }
  }
  if (!final) {
    count_from(receipt.accepted.edge);
    end_flight(receipt.accepted.edge);
  }
  return true;
}

/// What T has judged needs no PUBACK any more.
void ReadingFlow::end_flight(std::uint32_t edge) {
  const auto under_way = in_flight_;  // acknowledging changes it
  for (const InFlight& one : under_way) {
    if (one.id != 0 && one.reading.number < edge) {
      acknowledged(one.id);
    }
  }
}

/// What was sent and stands before the edge T has judged, and not taken; the rest it has yet to
/// see.
void ReadingFlow::count_from(std::uint32_t edge) {
  held_ = 0;
  unreceipted_ = 0;
  Waiting reading;
  for (bool more = any_ && ring_.first(reading); more && reading.number <= last_.number;
       more = ring_.next(reading, reading)) {
    if (reading.number < edge) {
      ++held_;
    } else if (unreceipted_++ == 0) {
      oldest_ = reading.number;
    }
  }
}

bool ReadingFlow::noticed(const Notice& notice) {
  const bool there = notice.why == Refusal::duplicate;
  return (there || is_for_good(notice.why)) && notice.seq % kControlEvery != 0 &&
         ring_.mark(notice.seq) && !there;
}

bool ReadingFlow::control_number(std::uint32_t upcoming, std::uint32_t& number,
                                 bool& from_counter) {
  Waiting reading;
  const bool waits = unsent(reading);
  const std::uint32_t limit = waits ? reading.number : upcoming;
  const std::uint32_t floor = limit / kControlEvery * kControlEvery;
  if (any_used_) {
    number = (newest_ / kControlEvery + 1) * kControlEvery;
  } else {
    number = floor > kRoomBefore ? floor - kRoomBefore : 0;
  }
  from_counter = !waits && number >= upcoming;
  const bool in_reach = unreceipted_ == 0 || number - oldest_ < kReceiptReach;
  return in_reach && (!waits || number < limit);
}

}  // namespace countersign::mcu
