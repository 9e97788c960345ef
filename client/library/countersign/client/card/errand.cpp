#include "countersign/client/card/errand.hpp"

#include "countersign/client/card/issuer_commands.hpp"

namespace countersign::client {
namespace {

constexpr std::uint16_t kDone = 0x9000;
constexpr std::uint16_t kNoDiagnosis = 0x6F00;

}  // namespace

CardFailure Errand::perform(CardSession& card) {
  answer_ = {};
  answer_.status = kDone;
  if (order_.command != IssuerCommand::none) {
    if (const CardFailure failure = command(card); is_cut_off(failure)) {
      return failure;
    }
  }
  if (const CardFailure failure = prove(card); is_cut_off(failure)) {
    return failure;
  }
  answer_.here = true;
  answer_.reader = card.selected().reader;
  return {};
}

/// A command that was cut off is not sent again if the card took it: it would refuse its number,
/// and T would take that for the card's word.
CardFailure Errand::command(CardSession& card) {
  if (sent_ && is_done_already(card)) {
    return {};
  }
  sent_ = true;
  const CardFailure failure = send_issuer_command(card, order_.command, order_.proof);
  answer_.status = failure.status;
  return failure;
}

bool Errand::is_done_already(CardSession& card) const {
  Presence now;
  return !ask_presence(card, order_.challenge, now).failed() && now.admin_counter == order_.proof.n;
}

CardFailure Errand::prove(CardSession& card) {
  const CardFailure failure = ask_presence(card, order_.challenge, answer_.presence);
  if (failure.failed()) {
    answer_.presence = {};
    if (answer_.status == kDone) {
      answer_.status = failure.what == CardError::malformed ? kNoDiagnosis : failure.status;
    }
  }
  return failure;
}

}  // namespace countersign::client
