#pragma once

#include <string_view>

#include "countersign/aplus.hpp"
#include "countersign/keys.hpp"

/// The steps of A+ that both sides take alike; MFA_R takes some of them too. Private to aplus_*.cpp
/// and mfar_*.cpp.
namespace countersign::aplus {

/// Each key encrypts once, so the nonce is zero (docs/protocol.md, section 4).
inline constexpr Nonce kZeroNonce{};

/// K1, K2 or K3 = Expand(hk, label, context), 16 bytes.
[[nodiscard]] inline bool message_key(const Crypto& crypto, const Key32& hk, std::string_view label,
                                      Parts context, Key16& out) {
  return expand16(crypto, hk.bytes(), label, context, out);
}

/// th = SHA-256(before || message); `before` is empty for th1.
[[nodiscard]] bool chain(const Crypto& crypto, ByteView before, ByteView message, Digest& out);

/// Writes AEAD(K; aad = all of `out` so far; plain) to `out`.
[[nodiscard]] bool seal_tail(const Crypto& crypto, const Key16& key, ByteView plain, Writer& out);

/// Opens the tail of `message` into `plain`; what stands before it is the aad.
[[nodiscard]] bool open_tail(const Crypto& crypto, const Key16& key, ByteView message,
                             MutableBytes plain);

/// A fresh N: 32 random bytes, or with suite 1 the public point of a fresh secret.
[[nodiscard]] bool make_nonce(const Crypto& crypto, Random& random, Suite suite, Key32& secret,
                              Key32& nonce);

/// SK = HKDF(salt = th3, IKM = Expand(hk, "sess", "") || DH(N1, N2) or || N1 || N2, "cs1 sk").
/// With suite 1, `secret` is one's own scalar and `peer` the other's point.
/// \returns `none`, `bad_handshake` for a point that gives zeros (RFC 7748, section 6.1) or
/// `internal`.
[[nodiscard]] Refusal session_key(const Crypto& crypto, Suite suite, const Key32& hk,
                                  const Digest& th3, const Key32& secret, const Key32& peer,
                                  const Key32& n1, const Key32& n2, Key32& sk);

/// The tag of `finished`: HMAC(Expand(SK, "fin", ""), th3 || receipt)[16].
[[nodiscard]] bool finished_tag(const Crypto& crypto, const Key32& sk, const Digest& th3,
                                ByteView receipt, Tag& out);

/// Writes `finished` whole: u8 0x14 || receipt || tag.
[[nodiscard]] bool make_finished(const Crypto& crypto, const Key32& sk, const Digest& th3,
                                 const Receipt& receipt, Bytes<kFinishedBytes>& out);

/// \returns the receipt in `finished`, or `malformed`, `bad_handshake` or `internal`.
[[nodiscard]] Result<Receipt> open_finished(const Crypto& crypto, const Key32& sk,
                                            const Digest& th3, ByteView finished);

}  // namespace countersign::aplus
