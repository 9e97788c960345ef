#include "countersign/client/session/outbox.hpp"

#include <algorithm>
#include <utility>

namespace countersign::client {
namespace {

constexpr int kFirstFailureCode = 0x80;
constexpr std::uint8_t kMaxAttempts = 8;
constexpr std::uint32_t kReceiptReach = 64;

bool wants_new_session(Refusal why) {
  return why == Refusal::enforcement || why == Refusal::expired || why == Refusal::unknown_kid;
}

/// What was sealed was meant for T alone.
void forget(Letter& letter) {
  if (letter.options.sealed) {
    wipe(letter.payload);
  }
}

Error refusal_error(const Letter& letter) {
  if (letter.why == Refusal::none) {
    return {Fault::refused, "the broker refused the message on " + letter.topic,
            "the broker's audit says why", Refusal::denied};
  }
  return {
      Fault::refused,
      "the broker refused the message on " + letter.topic + ": " + std::string{name_of(letter.why)},
      {},
      letter.why};
}

}  // namespace

Ticket Outbox::add(Letter letter) {
  letters_.emplace(++last_, std::move(letter));
  return last_;
}

Ticket Outbox::next() const {
  std::size_t under_way = 0;
  for (const auto& [ticket, letter] : letters_) {
    if (letter.stage == Letter::Stage::waiting) {
      return ticket;
    }
    if (++under_way >= kMaxUnderWay) {
      return 0;
    }
  }
  return 0;
}

Letter* Outbox::find(Ticket ticket) {
  const auto found = letters_.find(ticket);
  return found == letters_.end() ? nullptr : &found->second;
}

Outbox::Letters::iterator Outbox::find(std::uint16_t kid, std::uint32_t seq) {
  return std::find_if(letters_.begin(), letters_.end(), [&](const auto& entry) {
    return entry.second.kid == kid && entry.second.wire.seq == seq;
  });
}

void Outbox::left(Ticket ticket, Millis now, Millis patience) {
  if (Letter* const letter = find(ticket)) {
    letter->stage = Letter::Stage::sent;
    letter->deadline = now + patience;
    ++letter->attempts;
  }
}

void Outbox::settle(Letters::iterator letter, const Outcome<Published>& outcome) {
  const PublishDone done = std::move(letter->second.done);
  forget(letter->second);
  letters_.erase(letter);
  if (done) {
    done(outcome);
  }
}

void Outbox::accept(Letters::iterator entry, bool proven) {
  Letter& letter = entry->second;
  const Published outcome{
      .kid = letter.kid, .seq = letter.wire.seq, .accepted = proven, .attempts = letter.attempts};
  if (!proven) {
    Letter kept = letter;
    kept.done = nullptr;
    unproven_.push_back(std::move(kept));
    if (unproven_.size() > kRemembered) {
      forget(unproven_.front());
      unproven_.pop_front();
    }
  }
  settle(entry, outcome);
}

void Outbox::refuse(Letters::iterator entry) { settle(entry, refusal_error(entry->second)); }

void Outbox::fail(Ticket ticket, const Error& why) {
  if (const auto found = letters_.find(ticket); found != letters_.end()) {
    settle(found, why);
  }
}

void Outbox::sign_anew(Letter& letter) {
  letter.stage = Letter::Stage::waiting;
  letter.kid = 0;
  letter.wire = {};
  letter.why = Refusal::none;
  letter.deadline = 0;
}

void Outbox::acknowledged(Ticket ticket, int code, Millis now) {
  const auto found = letters_.find(ticket);
  if (found == letters_.end() || found->second.stage != Letter::Stage::sent) {
    return;
  }
  Letter& letter = found->second;
  if (code < 0 || code >= kFirstFailureCode) {
    if (letter.why != Refusal::none) {
      refuse(found);
      return;
    }
    letter.stage = Letter::Stage::refused;
    letter.deadline = now + kNoticePatience;
    return;
  }
  const bool told = acks_tell_ && letter.options.qos > 0;
  if (!told && letter.why != Refusal::none) {
    refuse(found);
  } else if (!told && letter.options.confirm) {
    letter.stage = Letter::Stage::unproven;
    letter.deadline = 0;
  } else {
    accept(found, told);
  }
}

Outbox::Consequence Outbox::noticed(std::uint16_t kid, const Notice& notice) {
  const auto found = find(kid, notice.seq);
  if (found == letters_.end()) {
    const bool back = wants_new_session(notice.why) && bring_back(kid, notice.seq);
    return back || wants_new_session(notice.why) ? Consequence::renew : Consequence::unknown;
  }
  if (notice.why == Refusal::duplicate) {
    accept(found, true);
    return Consequence::settled;
  }
  Letter& letter = found->second;
  const bool seen_before = notice.why == Refusal::replayed || notice.why == Refusal::stale;
  if (seen_before && letter.attempts > 1) {
    letter.stage = Letter::Stage::unproven;  // which of our copies came first, a receipt tells
    return Consequence::settled;
  }
  if (wants_new_session(notice.why) && letter.attempts < kMaxAttempts) {
    sign_anew(letter);
    return Consequence::renew;
  }
  letter.why = notice.why;
  // a message out of range may have been delivered: only the acknowledgement or a receipt tells
  const bool awaits_ack = letter.stage == Letter::Stage::sent && letter.options.qos > 0;
  const bool certain = !awaits_ack && notice.why != Refusal::out_of_range;
  if (certain || letter.stage == Letter::Stage::refused) {
    refuse(found);
  }
  return wants_new_session(notice.why) ? Consequence::renew : Consequence::settled;
}

/// A letter that was settled as sent, and refused after all: it goes out again by itself.
bool Outbox::bring_back(std::uint16_t kid, std::uint32_t seq) {
  const auto found = std::find_if(unproven_.begin(), unproven_.end(), [&](const Letter& letter) {
    return letter.kid == kid && letter.wire.seq == seq;
  });
  if (found == unproven_.end() || found->attempts >= kMaxAttempts) {
    return false;
  }
  Letter letter = std::move(*found);
  unproven_.erase(found);
  sign_anew(letter);
  static_cast<void>(add(std::move(letter)));
  return true;
}

void Outbox::received(const Receipt& receipt) {
  std::erase_if(unproven_, [&](const Letter& letter) {
    return letter.kid == receipt.kid && receipt.accepted.holds(letter.wire.seq);
  });
  for (auto entry = letters_.begin(); entry != letters_.end();) {
    const auto here = entry++;
    const Letter& letter = here->second;
    if (letter.kid != receipt.kid) {
      continue;
    }
    if (receipt.accepted.holds(letter.wire.seq)) {
      accept(here, true);
    } else if (letter.stage == Letter::Stage::asked && letter.wire.seq < receipt.accepted.edge) {
      // T saw what came after it, so it saw this one too; further back no receipt reaches
      const bool too_old = letter.wire.seq + kReceiptReach < receipt.accepted.edge;
      too_old ? accept(here, false) : refuse(here);
    }
  }
}

bool Outbox::wants_receipt(Millis now) const {
  return std::any_of(letters_.begin(), letters_.end(), [&](const auto& entry) {
    const Letter& letter = entry.second;
    return letter.stage == Letter::Stage::unproven ||
           (letter.stage == Letter::Stage::refused && now >= letter.deadline);
  });
}

void Outbox::asked_receipt(Millis now, Millis patience) {
  for (auto& [ticket, letter] : letters_) {
    const bool unproven = letter.stage == Letter::Stage::unproven;
    const bool unexplained = letter.stage == Letter::Stage::refused && now >= letter.deadline;
    if (unproven || unexplained) {
      letter.stage = Letter::Stage::asked;
      letter.deadline = now + patience;
    }
  }
}

void Outbox::connection_ended() {
  for (auto& [ticket, letter] : letters_) {
    if (letter.stage == Letter::Stage::sent) {
      letter.stage = Letter::Stage::waiting;  // the same bytes again: a retransmission
      letter.deadline = 0;
    } else if (letter.stage == Letter::Stage::asked || letter.stage == Letter::Stage::refused) {
      letter.stage = Letter::Stage::unproven;
      letter.deadline = 0;
    }
  }
}

bool Outbox::has_unsettled(std::uint16_t kid) const {
  return std::any_of(letters_.begin(), letters_.end(),
                     [&](const auto& entry) { return kid != 0 && entry.second.kid == kid; });
}

void Outbox::closed(const Receipt& last) {
  received(last);
  give_up(last.kid);
}

void Outbox::give_up(std::uint16_t kid) {
  for (auto& [ticket, letter] : letters_) {
    if (letter.kid == kid) {
      sign_anew(letter);
    }
  }
}

void Outbox::expire(Millis now) {
  for (auto entry = letters_.begin(); entry != letters_.end();) {
    const auto here = entry++;
    const Letter& letter = here->second;
    const bool counts = letter.stage == Letter::Stage::sent || letter.stage == Letter::Stage::asked;
    if (counts && now >= letter.deadline) {
      settle(here, Error{Fault::network, "no answer about the message on " + letter.topic,
                         "it may have been delivered"});
    }
  }
}

void Outbox::fail_all(const Error& why) {
  while (!letters_.empty()) {
    settle(letters_.begin(), why);
  }
}

}  // namespace countersign::client
