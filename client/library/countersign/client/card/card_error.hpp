#pragma once

#include <cstdint>
#include <string>

#include "countersign/client/outcome.hpp"

namespace countersign::client {

/// What a card, its reader or the PC/SC service can answer instead of doing it.
enum class CardError : std::uint8_t {
  none,
  no_service,  ///< pcscd does not answer
  no_reader,   ///< no such reader, or none at all
  no_card,     ///< the reader is empty, or the card was pulled
  reset,       ///< somebody else reset the card: what was verified is forgotten
  sharing,     ///< another application holds the reader for itself
  other_card,  ///< another card than before is in the reader
  not_ours,    ///< no Countersign applet, or one of a version we do not know
  wrong_pin,   ///< `tries` are left
  last_try,    ///< one try is left and nobody was asked: the PIN was not sent
  pin_blocked,
  pin_needed,
  pin_not_typed,  ///< at the reader: time over, cancelled, too short or too long
  no_pinpad,      ///< the reader has no keys
  not_personalised,
  already_personalised,
  deactivated,
  terminated,
  other_issuer,      ///< the issuer's tag is not one under this card's key
  spent_number,      ///< the issuer's number is not greater than the card's last
  wrong_life_cycle,  ///< not in the state that the card is in
  exhausted,         ///< the last epoch or counter is spent
  refused,           ///< any other status word
  malformed,         ///< an answer that no card of ours gives
};

/// One answer in words: what happened, and what to do.
struct CardFailure {
  CardError what = CardError::none;
  std::uint16_t status = 0;  ///< the status word, if it came so far
  std::uint8_t tries = 0;    ///< left, with `wrong_pin`
  bool puk = false;          ///< it was about the PUK

  [[nodiscard]] bool failed() const { return what != CardError::none; }

  [[nodiscard]] Error error() const;
};

/// Words such as "wrong PIN, 2 tries left".
[[nodiscard]] std::string words_of(const CardFailure& failure);

}  // namespace countersign::client
