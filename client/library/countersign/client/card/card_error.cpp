#include "countersign/client/card/card_error.hpp"

#include "countersign/client/key_text.hpp"

namespace countersign::client {
namespace {

std::string tries_text(const CardFailure& failure) {
  const std::string what = failure.puk ? "PUK" : "PIN";
  const std::string left = failure.tries == 1 ? "1 try" : std::to_string(failure.tries) + " tries";
  return "wrong " + what + ", " + left + " left";
}

std::string status_text(std::uint16_t status) {
  std::string hex(4, '0');
  write_hex(be16(status), std::as_writable_bytes(std::span{hex}));
  return "the card refuses with status " + hex;
}

std::string hint_of(const CardFailure& failure) {
  switch (failure.what) {
    case CardError::no_service:
      return "start pcscd";
    case CardError::no_reader:
      return "plug a reader in; countersign card list shows them";
    case CardError::no_card:
      return "put the card in and try again";
    case CardError::sharing:
      return "end the other application that uses the reader";
    case CardError::other_card:
      return "put the first card back, or begin anew";
    case CardError::wrong_pin:
    case CardError::last_try:
      if (failure.tries > 1) {
        return {};
      }
      return failure.puk ? "one more wrong PUK and the card can never be unblocked"
                         : "one more wrong PIN blocks the card until it is given its PUK";
    case CardError::pin_blocked:
      return failure.puk ? "the card must be replaced"
                         : "countersign card unblock-pin takes the PUK";
    case CardError::pin_not_typed:
      return "4 to 16 digits and the OK key, within 30 seconds; no try is spent";
    case CardError::no_pinpad:
      return "without --pinpad the PIN is typed here";
    case CardError::not_personalised:
      return "countersign card personalise";
    case CardError::deactivated:
      return "its issuer gives it back: countersign card unblock, or activate at the reader";
    case CardError::terminated:
      return "it is of no use any more: take a new one";
    case CardError::other_issuer:
      return "it takes the issuer key that it was personalised with";
    case CardError::spent_number:
    case CardError::wrong_life_cycle:
      return "countersign card info shows its state and its admin counter";
    case CardError::exhausted:
      return "replace the card";
    default:
      return {};
  }
}

}  // namespace

std::string words_of(const CardFailure& failure) {
  switch (failure.what) {
    case CardError::none:
      return "no error";
    case CardError::no_service:
      return "the smart card service does not answer";
    case CardError::no_reader:
      return "no such card reader";
    case CardError::no_card:
      return "no card in the reader";
    case CardError::reset:
      return "another application keeps resetting the card";
    case CardError::sharing:
      return "another application holds the reader for itself";
    case CardError::other_card:
      return "another card is in the reader now";
    case CardError::not_ours:
      return "this is no Countersign card";
    case CardError::wrong_pin:
      return tries_text(failure);
    case CardError::last_try:
      return std::string{"only one try is left for the "} + (failure.puk ? "PUK" : "PIN");
    case CardError::pin_blocked:
      return failure.puk ? "the PUK is blocked" : "the PIN is blocked";
    case CardError::pin_needed:
      return "the card wants its PIN first";
    case CardError::pin_not_typed:
      return "no PIN was typed at the reader";
    case CardError::no_pinpad:
      return "this reader has no keys to type a PIN with";
    case CardError::not_personalised:
      return "the card is not personalised";
    case CardError::already_personalised:
      return "the card is personalised already";
    case CardError::deactivated:
      return "this card was blocked by its issuer";
    case CardError::terminated:
      return "this card was ended by its issuer, for good";
    case CardError::other_issuer:
      return "this card is not of that issuer";
    case CardError::spent_number:
      return "the card has taken a later command of its issuer already";
    case CardError::wrong_life_cycle:
      return "the card does not do that in its present state";
    case CardError::exhausted:
      return "the card has spent its last number";
    case CardError::refused:
      return status_text(failure.status);
    case CardError::malformed:
      return "the card answers what no Countersign card would";
  }
  return "unknown card error";
}

Error CardFailure::error() const { return {Fault::card, words_of(*this), hint_of(*this)}; }

}  // namespace countersign::client
