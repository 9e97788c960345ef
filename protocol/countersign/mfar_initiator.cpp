#include "countersign/aplus_steps.hpp"
#include "countersign/keys.hpp"
#include "countersign/mfar.hpp"
#include "countersign/mfar_steps.hpp"

namespace countersign {

Result<ByteView> MfarInitiator::answer(const Crypto& crypto, Random& random, const Key32& k_reg,
                                       RegistrationFields fields, Suite suite, ByteView q) {
  Bytes<kMaxFieldValueBytes> room;
  return answer(crypto, random, HeldKey{crypto, k_reg}, fields, suite, q, room);
}

Result<ByteView> MfarInitiator::answer(const Crypto& crypto, Random& random, const MacKey& k_reg,
                                       RegistrationFields fields, Suite suite, ByteView q,
                                       QueryRoom room) {
  const auto question = parse_question(q);
  if (!question) {
    return question.why();
  }
  if (answered()) {
    Digest th;
    const bool same = aplus::chain(crypto, q, message(), th) && same_tag(th, th_);
    return same ? Result<ByteView>{message()} : Refusal::bad_handshake;
  }
  // a device never falls back: T must ask in the suite that it allows
  if (question->suite != suite) {
    return Refusal::bad_handshake;
  }
  if (const Refusal why = make_answer(crypto, random, k_reg, fields, *question, room);
      why != Refusal::none) {
    return why;
  }
  a_size_ = a_.size();
  return message();
}

Refusal MfarInitiator::make_answer(const Crypto& crypto, Random& random, const MacKey& k_reg,
                                   RegistrationFields fields, const Question& question,
                                   QueryRoom room) {
  Key32 secret;
  Key32 n1;
  Tag tag;
  if (!aplus::make_nonce(crypto, random, question.suite, secret, n1)) {
    return Refusal::internal;
  }
  const Refusal why = mfar::answer_tag(k_reg, fields, question, n1.bytes(), room, tag);
  if (why != Refusal::none) {
    return why;
  }
  Writer out{a_};
  out.be(kAnswerMark).raw(n1.bytes()).raw(tag);
  if (!aplus::chain(crypto, question.whole, a_, th_)) {
    return Refusal::internal;
  }
  agreement_.auth_code = question.auth_code;
  agreement_.kid = question.kid;
  return mfar::session_key(crypto, question.suite, k_reg, th_, secret, question.n2, agreement_.sk);
}

Result<Receipt> MfarInitiator::finish(const Crypto& crypto, ByteView finished) {
  if (!answered() || finished_) {
    return Refusal::bad_handshake;
  }
  const auto receipt = aplus::open_finished(crypto, agreement_.sk, th_, finished);
  finished_ = static_cast<bool>(receipt);
  return receipt;
}

}  // namespace countersign
