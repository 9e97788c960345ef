#include <array>

#include "countersign/aplus.hpp"
#include "countersign/aplus_steps.hpp"

namespace countersign {
namespace {

bool is_third(ByteView m3) {
  return m3.size() == kThirdBytes && m3[0] == std::byte{kThirdMark} &&
         is_suite(std::to_integer<std::uint8_t>(m3[1]));
}

}  // namespace

Refusal AplusResponder::open(const Crypto& crypto, const Key32& k, const FirstMessage& m1) {
  HandshakeKey key{.epoch = m1.epoch, .r1 = m1.r1, .hk = {}};
  Key16 k1;
  Digest th1;
  if (!derive_handshake_key(crypto, k, m1.identity, m1.server_id, key) ||
      !aplus::message_key(crypto, key.hk, "a+ 1", {}, k1) ||
      !aplus::chain(crypto, {}, m1.whole, th1)) {
    return Refusal::internal;
  }
  Key32 n1;
  if (!aplus::open_tail(crypto, k1, m1.whole, n1.fill())) {
    return Refusal::bad_handshake;
  }
  hk_ = key.hk;
  n1_ = n1;
  th1_ = th1;
  suite_ = m1.suite;
  epoch_ = m1.epoch;
  opened_ = true;
  return Refusal::none;
}

Result<ByteView> AplusResponder::answer(const Crypto& crypto, Random& random,
                                        const AuthCode& auth_code, std::uint16_t kid) {
  if (m2_size_ != 0) {
    return second();
  }
  agreement_.auth_code = auth_code;
  agreement_.kid = kid;
  if (!opened_ || !make_second(crypto, random)) {
    return Refusal::internal;
  }
  m2_size_ = m2_.size();
  return second();
}

bool AplusResponder::make_second(const Crypto& crypto, Random& random) {
  Challenge r2;
  Key16 k2;
  const std::array<ByteView, 2> context{th1_, r2};
  if (!random.fill(r2) || !aplus::message_key(crypto, hk_, "a+ 2", context, k2) ||
      !aplus::make_nonce(crypto, random, suite_, secret_, n2_)) {
    return false;
  }
  Bytes<kHandshakeNonceBytes + kAuthCodeBytes + 2> plain;
  Writer inside{plain};
  inside.raw(n2_.bytes()).raw(agreement_.auth_code).be(agreement_.kid);

  Writer out{m2_};
  out.be(kSecondMark).be(static_cast<std::uint8_t>(suite_)).raw(r2);
  const bool ok = aplus::seal_tail(crypto, k2, plain, out) && aplus::chain(crypto, th1_, m2_, th2_);
  wipe(plain);
  return ok;
}

Refusal AplusResponder::accept(const Crypto& crypto, ByteView m3) {
  if (m2_size_ == 0 || !is_third(m3)) {
    return m2_size_ == 0 ? Refusal::bad_handshake : Refusal::malformed;
  }
  Digest th3;
  if (!aplus::chain(crypto, th2_, m3, th3)) {
    return Refusal::internal;
  }
  if (accepted_) {
    return same_tag(th3, th3_) ? Refusal::none : Refusal::bad_handshake;
  }
  Key16 k3;
  const std::array<ByteView, 1> context{th2_};
  if (!aplus::message_key(crypto, hk_, "a+ 3", context, k3)) {
    return Refusal::internal;
  }
  Key32 n3;
  if (m3[1] != static_cast<std::byte>(suite_) || !aplus::open_tail(crypto, k3, m3, n3.fill())) {
    return Refusal::bad_handshake;
  }
  const Refusal why =
      aplus::session_key(crypto, suite_, hk_, th3, secret_, n1_, n1_, n2_, agreement_.sk);
  if (why != Refusal::none) {
    return why;
  }
  th3_ = th3;
  accepted_ = true;
  return Refusal::none;
}

Result<ByteView> AplusResponder::finish(const Crypto& crypto, const Receipt& receipt) {
  if (finished_size_ != 0) {
    return finished();
  }
  if (!accepted_ || !aplus::make_finished(crypto, agreement_.sk, th3_, receipt, finished_)) {
    return Refusal::internal;
  }
  finished_size_ = finished_.size();
  return finished();
}

}  // namespace countersign
