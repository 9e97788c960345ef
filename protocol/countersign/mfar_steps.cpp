#include "countersign/mfar_steps.hpp"

#include <array>

#include "countersign/keys.hpp"

namespace countersign::mfar {

using namespace std::string_view_literals;

Refusal answer_tag(const MacKey& k_reg, RegistrationFields fields, const Question& question,
                   ByteView n1, QueryRoom room, Tag& out) {
  const auto result = apply_query(question.query, fields, room);
  if (!result) {
    wipe(room);
    return result.why();
  }
  Key32 tag;
  const Bytes<2> size = be16(result->size());
  const std::array<ByteView, 4> context{question.whole, n1, size, *result};
  const bool ok = expand(k_reg, "mfar a"sv, context, tag);
  wipe(room);
  copy(tag.bytes(), out);
  return ok ? Refusal::none : Refusal::internal;
}

Refusal session_key(const Crypto& crypto, Suite suite, const MacKey& k_reg, const Digest& th,
                    const Key32& secret, const HandshakeNonce& peer, Key32& sk) {
  Key32 part;
  if (!expand(k_reg, "mfar sk"sv, {}, part)) {
    return Refusal::internal;
  }
  if (suite == Suite::symmetric) {
    const std::array<ByteView, 1> ikm{part.bytes()};
    return hkdf(crypto, th, ikm, "cs1 sk"sv, sk) ? Refusal::none : Refusal::internal;
  }
  Key32 shared;
  if (!crypto.dh_shared(secret, peer, shared)) {
    return Refusal::bad_handshake;
  }
  const std::array<ByteView, 2> ikm{part.bytes(), shared.bytes()};
  return hkdf(crypto, th, ikm, "cs1 sk"sv, sk) ? Refusal::none : Refusal::internal;
}

}  // namespace countersign::mfar
