#pragma once

#include "countersign/mfar.hpp"

/// The steps of MFA_R that both sides take alike. Private to mfar_*.cpp.
namespace countersign::mfar {

/// The tag of `a`: Expand(K_reg, "mfar a", q || n1 || s16(apply(query, fields)))[16]. `room` is for
/// what the query makes of the fields, and is wiped.
/// \returns `none`, `internal`, or `bad_handshake` for a query that the fields do not answer.
// not inlined: it ends before a device, whose stack is small, derives the key of the session
[[nodiscard, gnu::noinline]] Refusal answer_tag(const MacKey& k_reg, RegistrationFields fields,
                                                const Question& question, ByteView n1,
                                                QueryRoom room, Tag& out);

/// SK = HKDF(salt = th, IKM = Expand(K_reg, "mfar sk", "") || DH(n1, n2) [suite 1], "cs1 sk").
/// `secret` is one's own scalar and `peer` the other's nonce.
/// \returns `none`, `internal`, or `bad_handshake` for a point that gives zeros.
[[nodiscard, gnu::noinline]] Refusal session_key(const Crypto& crypto, Suite suite,
                                                 const MacKey& k_reg, const Digest& th,
                                                 const Key32& secret, const HandshakeNonce& peer,
                                                 Key32& sk);

}  // namespace countersign::mfar
