#include "countersign/identity.hpp"
#include "countersign/mfar.hpp"

namespace countersign {

Result<PasswordClaim> parse_password_claim(ByteView message) {
  Reader in{message};
  const auto mark = in.be<std::uint8_t>();
  const PasswordClaim claim{.user = text_of(in.s8()), .password = in.s16()};
  if (!in.done() || mark != kPasswordMark || !is_identity(claim.user) || claim.password.empty()) {
    return Refusal::malformed;
  }
  return claim;
}

bool write_password_claim(const PasswordClaim& claim, Writer& out) {
  out.be(kPasswordMark).s8(bytes_of(claim.user)).s16(claim.password);
  return out.ok() && is_identity(claim.user) && !claim.password.empty();
}

Result<Question> parse_question(ByteView q) {
  Reader in{q};
  Question question;
  const auto mark = in.be<std::uint8_t>();
  const auto suite = in.be<std::uint8_t>();
  question.suite = static_cast<Suite>(suite);
  question.auth_code = in.array<kAuthCodeBytes>();
  question.n2 = in.array<kHandshakeNonceBytes>();
  question.kid = in.be<std::uint16_t>();
  const auto query = parse_query(text_of(in.s16()));
  question.whole = q;
  if (!in.done() || mark != kQuestionMark || !is_suite(suite) || question.kid == 0 ||
      question.kid > kMaxKid || !query) {
    return Refusal::malformed;
  }
  question.query = *query;
  return question;
}

Result<Answer> parse_answer(ByteView a) {
  Reader in{a};
  const auto mark = in.be<std::uint8_t>();
  Answer answer;
  answer.n1 = in.array<kHandshakeNonceBytes>();
  answer.tag = in.array<kTagBytes>();
  if (!in.done() || mark != kAnswerMark) {
    return Refusal::malformed;
  }
  return answer;
}

}  // namespace countersign
