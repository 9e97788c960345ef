#include "countersign/aplus_steps.hpp"

#include <array>

#include "countersign/keys.hpp"

namespace countersign::aplus {

using namespace std::string_view_literals;

bool chain(const Crypto& crypto, ByteView before, ByteView message, Digest& out) {
  const std::array<ByteView, 2> parts{before, message};
  return crypto.sha256(parts, out);
}

bool seal_tail(const Crypto& crypto, const Key16& key, ByteView plain, Writer& out) {
  const std::array<ByteView, 1> aad{out.written()};
  const MutableBytes body = out.claim(plain.size());
  const MutableBytes tag = out.claim(kAeadTagBytes);
  return out.ok() && crypto.seal(key, kZeroNonce, aad, plain, body, tag.first<kAeadTagBytes>());
}

bool open_tail(const Crypto& crypto, const Key16& key, ByteView message, MutableBytes plain) {
  const std::size_t tail = plain.size() + kAeadTagBytes;
  if (message.size() < tail) {
    return false;
  }
  const std::array<ByteView, 1> aad{message.first(message.size() - tail)};
  return crypto.open(key, kZeroNonce, aad, message.last(tail).first(plain.size()),
                     message.last(kAeadTagBytes), plain);
}

bool make_nonce(const Crypto& crypto, Random& random, Suite suite, Key32& secret, Key32& nonce) {
  if (suite == Suite::symmetric) {
    return random.fill(nonce.fill());
  }
  Point point;
  if (!random.fill(secret.fill()) || !crypto.dh_public(secret, point)) {
    return false;
  }
  copy(point, nonce.fill());
  return true;
}

Refusal session_key(const Crypto& crypto, Suite suite, const Key32& hk, const Digest& th3,
                    const Key32& secret, const Key32& peer, const Key32& n1, const Key32& n2,
                    Key32& sk) {
  Key32 sess;
  if (!expand(crypto, hk.bytes(), "sess"sv, {}, sess)) {
    return Refusal::internal;
  }
  if (suite == Suite::symmetric) {
    const std::array<ByteView, 3> ikm{sess.bytes(), n1.bytes(), n2.bytes()};
    return hkdf(crypto, th3, ikm, "cs1 sk"sv, sk) ? Refusal::none : Refusal::internal;
  }
  Point point;
  Key32 shared;
  copy(peer.bytes(), point);
  if (!crypto.dh_shared(secret, point, shared)) {
    return Refusal::bad_handshake;
  }
  const std::array<ByteView, 2> ikm{sess.bytes(), shared.bytes()};
  return hkdf(crypto, th3, ikm, "cs1 sk"sv, sk) ? Refusal::none : Refusal::internal;
}

bool finished_tag(const Crypto& crypto, const Key32& sk, const Digest& th3, ByteView receipt,
                  Tag& out) {
  Key32 key;
  Digest digest;
  const std::array<ByteView, 2> parts{th3, receipt};
  if (!expand(crypto, sk.bytes(), "fin"sv, {}, key) || !crypto.hmac(key.bytes(), parts, digest)) {
    return false;
  }
  copy(digest, out);
  return true;
}

bool make_finished(const Crypto& crypto, const Key32& sk, const Digest& th3, const Receipt& receipt,
                   Bytes<kFinishedBytes>& out) {
  Bytes<kReceiptBodyBytes> body;
  Writer body_out{body};
  write_receipt_body(receipt, body_out);
  Tag tag;
  if (!finished_tag(crypto, sk, th3, body, tag)) {
    return false;
  }
  Writer writer{out};
  writer.be(kFinishedMark).raw(body).raw(tag);
  return true;
}

Result<Receipt> open_finished(const Crypto& crypto, const Key32& sk, const Digest& th3,
                              ByteView finished) {
  Reader in{finished};
  const auto mark = in.be<std::uint8_t>();
  const ByteView body = in.take(kReceiptBodyBytes);
  const ByteView tag = in.take(kTagBytes);
  if (!in.done() || mark != kFinishedMark) {
    return Refusal::malformed;
  }
  Tag expected;
  if (!finished_tag(crypto, sk, th3, body, expected)) {
    return Refusal::internal;
  }
  if (!same_tag(expected, tag)) {
    return Refusal::bad_handshake;
  }
  Reader receipt{body};
  return read_receipt_body(receipt);
}

}  // namespace countersign::aplus
