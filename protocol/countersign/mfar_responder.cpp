#include "countersign/aplus_steps.hpp"
#include "countersign/keys.hpp"
#include "countersign/mfar.hpp"
#include "countersign/mfar_steps.hpp"

namespace countersign {

Result<ByteView> MfarResponder::ask(const Crypto& crypto, Random& random, Suite suite,
                                    const AuthCode& auth_code, std::uint16_t kid,
                                    std::string_view query) {
  if (state_ != State::fresh) {
    return question();
  }
  Key32 n2;
  if (!aplus::make_nonce(crypto, random, suite, secret_, n2)) {
    return Refusal::internal;
  }
  Writer out{q_};
  out.be(kQuestionMark).be(static_cast<std::uint8_t>(suite)).raw(auth_code).raw(n2.bytes());
  out.be(kid).s16(bytes_of(query));
  // what no device would take never leaves
  if (!out.ok() || !parse_question(out.written())) {
    return Refusal::internal;
  }
  agreement_.auth_code = auth_code;
  agreement_.kid = kid;
  q_size_ = out.written().size();
  state_ = State::asked;
  return question();
}

Refusal MfarResponder::accept(const Crypto& crypto, const Key32& k_reg, RegistrationFields fields,
                              ByteView a) {
  if (state_ == State::fresh) {
    return Refusal::bad_handshake;
  }
  const auto answer = parse_answer(a);
  Digest th;
  if (!answer || !aplus::chain(crypto, question(), a, th)) {
    return answer ? Refusal::internal : answer.why();
  }
  if (state_ != State::asked) {
    return accepted() && same_tag(th, th_) ? Refusal::none : Refusal::bad_handshake;
  }
  const Refusal why = judge(crypto, k_reg, fields, *answer, th);
  if (why == Refusal::none) {
    th_ = th;
    state_ = State::accepted;
  }
  if (why == Refusal::bad_handshake) {
    state_ = State::spent;
  }
  return why;
}

Refusal MfarResponder::judge(const Crypto& crypto, const Key32& k_reg, RegistrationFields fields,
                             const Answer& answer, const Digest& th) {
  const auto asked = parse_question(question());
  const HeldKey held{crypto, k_reg};
  Tag expected;
  Bytes<kMaxFieldValueBytes> room;
  if (!asked) {
    return Refusal::internal;
  }
  const Refusal why = mfar::answer_tag(held, fields, *asked, answer.n1, room, expected);
  if (why != Refusal::none) {
    return why;
  }
  if (!same_tag(expected, answer.tag)) {
    return Refusal::bad_handshake;
  }
  return mfar::session_key(crypto, asked->suite, held, th, secret_, answer.n1, agreement_.sk);
}

Result<ByteView> MfarResponder::finish(const Crypto& crypto, const Receipt& receipt) {
  if (finished_size_ != 0) {
    return finished();
  }
  if (!accepted() || !aplus::make_finished(crypto, agreement_.sk, th_, receipt, finished_)) {
    return Refusal::internal;
  }
  finished_size_ = finished_.size();
  return finished();
}

}  // namespace countersign
