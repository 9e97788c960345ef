#pragma once

#include "countersign/client/card/apdu.hpp"
#include "countersign/client/card/card.hpp"

namespace countersign::client {

/// The data field of PUT DATA (docs/protocol.md, section 9):
///   iv[16] || AES-128-CBC(Kp1, padded TLVs) || HMAC(Kp2, iv || ciphertext)[16]
/// \returns false if something does not fit or OpenSSL fails.
[[nodiscard]] bool seal_personalisation(const LockedKey& transport_key, const CardUid& uid,
                                        const Personalisation& what, const Bytes<16>& iv,
                                        SecretField& out);

}  // namespace countersign::client
