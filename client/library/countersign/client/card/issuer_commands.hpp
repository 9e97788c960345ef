#pragma once

#include "countersign/card.hpp"
#include "countersign/client/card/card_session.hpp"

namespace countersign::client {

/// Inside `run`: an issuer's command (docs/protocol.md, section 9).
[[nodiscard]] CardFailure send_issuer_command(CardSession& session, IssuerCommand command,
                                              const IssuerProof& proof);

/// Inside `run`: the card's proof that it is there, for `challenge`.
[[nodiscard]] CardFailure ask_presence(CardSession& session, const CardChallenge& challenge,
                                       Presence& out);

/// Whether the card said nothing: what was asked may be done or not.
[[nodiscard]] bool is_cut_off(const CardFailure& failure);

}  // namespace countersign::client
