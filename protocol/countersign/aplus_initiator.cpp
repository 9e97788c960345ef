#include <array>

#include "countersign/aplus.hpp"
#include "countersign/aplus_steps.hpp"

namespace countersign {
namespace {

using namespace std::string_view_literals;

bool is_second(ByteView m2) {
  return m2.size() == kSecondBytes && m2[0] == std::byte{kSecondMark} &&
         is_suite(std::to_integer<std::uint8_t>(m2[1]));
}

}  // namespace

Result<ByteView> AplusInitiator::start(const Crypto& crypto, Random& random,
                                       const HandshakeKey& key, std::string_view identity,
                                       std::string_view server_id, Suite suite) {
  if (m1_size_ != 0 || !is_identity(identity) || !is_identity(server_id) || key.epoch > kMaxEpoch) {
    return Refusal::internal;
  }
  suite_ = suite;
  hk_ = key.hk;
  if (!aplus::make_nonce(crypto, random, suite, secret_, n1_) ||
      !make_first(crypto, key, identity, server_id)) {
    return Refusal::internal;
  }
  return first();
}

bool AplusInitiator::make_first(const Crypto& crypto, const HandshakeKey& key,
                                std::string_view identity, std::string_view server_id) {
  Key16 k1;
  Writer out{m1_};
  out.be(kFirstMark).be(static_cast<std::uint8_t>(suite_)).s8(bytes_of(identity));
  out.s8(bytes_of(server_id)).be(key.epoch).raw(key.r1);
  if (!aplus::message_key(crypto, hk_, "a+ 1"sv, {}, k1) ||
      !aplus::seal_tail(crypto, k1, n1_.bytes(), out) ||
      !aplus::chain(crypto, {}, out.written(), th1_)) {
    return false;
  }
  m1_size_ = out.written().size();
  return true;
}

Result<ByteView> AplusInitiator::answer(const Crypto& crypto, Random& random, ByteView m2) {
  if (m1_size_ == 0 || !is_second(m2)) {
    return m1_size_ == 0 ? Refusal::bad_handshake : Refusal::malformed;
  }
  if (answered()) {
    Digest th2;
    const bool same = aplus::chain(crypto, th1_, m2, th2) && same_tag(th2, th2_);
    return same ? Result<ByteView>{third()} : Refusal::bad_handshake;
  }
  if (!open_second(crypto, m2)) {
    return Refusal::bad_handshake;
  }
  if (agreement_.kid < 1 || agreement_.kid > 16'383) {
    return Refusal::malformed;
  }
  if (const Refusal why = make_third(crypto, random); why != Refusal::none) {
    return why;
  }
  m3_size_ = m3_.size();
  return third();
}

bool AplusInitiator::open_second(const Crypto& crypto, ByteView m2) {
  Reader in{m2};
  in.take(1);
  const auto suite = in.be<std::uint8_t>();
  const auto r2 = in.array<kChallengeBytes>();
  // A never falls back: the suite must be that of m1
  if (suite != static_cast<std::uint8_t>(suite_)) {
    return false;
  }
  Key16 k2;
  const std::array<ByteView, 2> context{th1_, r2};
  Bytes<kHandshakeNonceBytes + kAuthCodeBytes + 2> plain;
  if (!aplus::message_key(crypto, hk_, "a+ 2"sv, context, k2) ||
      !aplus::open_tail(crypto, k2, m2, plain) || !aplus::chain(crypto, th1_, m2, th2_)) {
    return false;
  }
  Reader inside{plain};
  copy(inside.take(kHandshakeNonceBytes), n2_.fill());
  agreement_.auth_code = inside.array<kAuthCodeBytes>();
  agreement_.kid = inside.be<std::uint16_t>();
  wipe(plain);
  return true;
}

Refusal AplusInitiator::make_third(const Crypto& crypto, Random& random) {
  Key16 k3;
  Key32 n3;
  const std::array<ByteView, 1> context{th2_};
  Writer out{m3_};
  out.be(kThirdMark).be(static_cast<std::uint8_t>(suite_));
  if (!random.fill(n3.fill()) || !aplus::message_key(crypto, hk_, "a+ 3"sv, context, k3) ||
      !aplus::seal_tail(crypto, k3, n3.bytes(), out) || !aplus::chain(crypto, th2_, m3_, th3_)) {
    return Refusal::internal;
  }
  return aplus::session_key(crypto, suite_, hk_, th3_, secret_, n2_, n1_, n2_, agreement_.sk);
}

Result<Receipt> AplusInitiator::finish(const Crypto& crypto, ByteView finished) {
  if (!answered() || finished_) {
    return Refusal::bad_handshake;
  }
  const auto receipt = aplus::open_finished(crypto, agreement_.sk, th3_, finished);
  finished_ = static_cast<bool>(receipt);
  return receipt;
}

}  // namespace countersign
