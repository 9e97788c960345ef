#include "countersign/client/card/card.hpp"
#include "countersign/client/card/card_session.hpp"
#include "countersign/client/card/issuer_commands.hpp"

namespace countersign::client {

/// A command that was cut off is not sent again if the card took its number.
Status Card::issuer_command(IssuerCommand command, const IssuerProof& proof) {
  bool sent = false;
  const CardFailure failure = session_->run([&]() -> CardFailure {
    std::uint32_t last = 0;
    if (sent) {
      const CardFailure read = session_->read_number(0x05, last);
      if (read.failed() || last == proof.n) {
        return read;
      }
    }
    sent = true;
    return send_issuer_command(*session_, command, proof);
  });
  if (failure.failed()) {
    return session_->fail(failure);
  }
  return Done{};
}

Status Card::factory_reset(const IssuerProof& proof) {
  bool sent = false;
  const CardFailure failure = session_->run([&]() -> CardFailure {
    if (sent && session_->selected().life_cycle == LifeCycle::created) {
      return {};  // the card did it, and only its answer was lost
    }
    CardFailure step = send_issuer_command(*session_, IssuerCommand::external_authenticate, proof);
    if (step.failed()) {
      return step;
    }
    sent = true;
    Answer answer;
    return session_->exchange(Apdu{kFactoryReset}, answer);
  });
  if (failure.failed()) {
    return session_->fail(failure);
  }
  return Done{};
}

Outcome<Presence> Card::presence(const CardChallenge& challenge) {
  Presence presence;
  const CardFailure failure =
      session_->run([&] { return ask_presence(*session_, challenge, presence); });
  if (failure.failed()) {
    return session_->fail(failure);
  }
  return presence;
}

}  // namespace countersign::client
