#include "countersign/mfar.hpp"

// An image without MFA_R: in the place of the protocol's own, which is then not linked. A device
// that is told to log in by it fails at its first step.

namespace countersign {

bool write_password_claim(const PasswordClaim& /*claim*/, Writer& /*out*/) { return false; }

Result<ByteView> MfarInitiator::answer(const Crypto& /*crypto*/, Random& /*random*/,
                                       const MacKey& /*k_reg*/, RegistrationFields /*fields*/,
                                       Suite /*suite*/, ByteView /*q*/, QueryRoom /*room*/) {
  return Refusal::bad_handshake;
}

Result<Receipt> MfarInitiator::finish(const Crypto& /*crypto*/, ByteView /*finished*/) {
  return Refusal::bad_handshake;
}

}  // namespace countersign
