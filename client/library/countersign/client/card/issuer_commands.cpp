#include "countersign/client/card/issuer_commands.hpp"

namespace countersign::client {

CardFailure send_issuer_command(CardSession& session, IssuerCommand command,
                                const IssuerProof& proof) {
  Bytes<kIssuerProofBytes> field{};
  Writer out{field};
  write_issuer_proof(proof, out);
  Answer answer;
  CardFailure failure =
      session.exchange(Apdu{{static_cast<std::uint8_t>(command), 0, 0}, field}, answer);
  if (failure.status == 0x6982) {
    failure.what = CardError::other_issuer;
  } else if (failure.status == 0x6A80) {
    failure.what = CardError::spent_number;
  } else if (failure.status == 0x6985) {
    const bool ended = session.selected().life_cycle == LifeCycle::terminated;
    failure.what = ended ? CardError::terminated : CardError::wrong_life_cycle;
  }
  return failure;
}

CardFailure ask_presence(CardSession& session, const CardChallenge& challenge, Presence& out) {
  Answer answer;
  CardFailure failure = session.exchange(Apdu{kPresence, challenge, std::uint8_t{0}}, answer);
  if (failure.status == 0x6985) {
    failure.what = CardError::wrong_life_cycle;
  }
  if (failure.failed()) {
    return failure;
  }
  Reader in{answer.data()};
  out = read_presence(in);
  failure.what = in.done() ? CardError::none : CardError::malformed;
  return failure;
}

bool is_cut_off(const CardFailure& failure) { return failure.failed() && failure.status == 0; }

}  // namespace countersign::client
