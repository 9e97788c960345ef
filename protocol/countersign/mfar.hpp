#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "countersign/aplus.hpp"
#include "countersign/envelope.hpp"
#include "countersign/mfar_query.hpp"

/// MFA_R's two steps (docs/protocol.md, section 6). A = device, T = trusted server.
namespace countersign {

inline constexpr std::uint8_t kPasswordMark = 0x30;
inline constexpr std::uint8_t kQuestionMark = 0x31;
inline constexpr std::uint8_t kAnswerMark = 0x32;

inline constexpr std::size_t kMaxQuestionBytes =
    1 + 1 + kAuthCodeBytes + kHandshakeNonceBytes + 2 + 2 + kMaxQueryBytes;
inline constexpr std::size_t kAnswerBytes = 1 + kHandshakeNonceBytes + kTagBytes;

static_assert(kMaxQuestionBytes == 182, "docs/protocol.md, section 6, says 182");
static_assert(kAnswerBytes == 49, "docs/protocol.md, section 6, says 49");

using HandshakeNonce = Bytes<kHandshakeNonceBytes>;

/// Step 1 by topic: claims. Borrows.
///   size  field
///   1     0x30
///   1+n   s8(user)       an identity
///   2+n   s16(password)  any bytes, at least one
struct PasswordClaim {
  std::string_view user;
  ByteView password;
};

[[nodiscard]] Result<PasswordClaim> parse_password_claim(ByteView message);
/// \returns false if `out` is too small or no T would take the claim.
[[nodiscard]] bool write_password_claim(const PasswordClaim& claim, Writer& out);

/// q as parsed: nothing in it is signed. Borrows.
///   size  field
///   1     0x31
///   1     suite
///   16    auth_code
///   32    n2
///   2     kid
///   2+n   s16(query)
struct Question {
  Suite suite{};
  AuthCode auth_code{};
  HandshakeNonce n2{};
  std::uint16_t kid = 0;
  Query query;
  ByteView whole;
};

/// \returns `malformed` for anything that no T would write.
[[nodiscard, gnu::noinline]] Result<Question> parse_question(ByteView q);

/// a as parsed: claims.
///   size  field
///   1     0x32
///   32    n1
///   16    Expand(K_reg, "mfar a", q || n1 || s16(result of the query))[16]
struct Answer {
  HandshakeNonce n1{};
  Tag tag{};
};

[[nodiscard]] Result<Answer> parse_answer(ByteView a);

/// Side T of one q. Not thread-safe; wipes itself.
class MfarResponder {
 public:
  /// Makes q, once. Later calls return the same bytes. Borrows from this.
  [[nodiscard]] Result<ByteView> ask(const Crypto& crypto, Random& random, Suite suite,
                                     const AuthCode& auth_code, std::uint16_t kid,
                                     std::string_view query);

  /// Checks `a` against what the registry holds and derives SK. A wrong `a` spends q: no other is
  /// accepted any more. After a right one every other changes nothing.
  /// \returns `none` also for the same `a` again, else `malformed` or `internal`, which change
  /// nothing, or `bad_handshake`.
  [[nodiscard]] Refusal accept(const Crypto& crypto, const Key32& k_reg, RegistrationFields fields,
                               ByteView a);

  /// Makes `finished`, once, after `accept`. Later calls return the same bytes. Borrows from this.
  [[nodiscard]] Result<ByteView> finish(const Crypto& crypto, const Receipt& receipt);

  [[nodiscard]] ByteView question() const { return {q_.data(), q_size_}; }
  [[nodiscard]] ByteView finished() const { return {finished_.data(), finished_size_}; }
  [[nodiscard]] bool accepted() const { return state_ == State::accepted; }
  /// True after a wrong `a`: the auth_code of this q is worth nothing any more.
  [[nodiscard]] bool spent() const { return state_ == State::spent; }
  /// Valid after `accept`.
  [[nodiscard]] const Agreement& agreement() const { return agreement_; }

 private:
  enum class State : std::uint8_t { fresh, asked, accepted, spent };

  [[nodiscard]] Refusal judge(const Crypto& crypto, const Key32& k_reg, RegistrationFields fields,
                              const Answer& answer, const Digest& th);

  Key32 secret_;  // suite 1: the scalar behind n2
  Digest th_{};
  Bytes<kMaxQuestionBytes> q_{};
  Bytes<kFinishedBytes> finished_{};
  Agreement agreement_;
  std::size_t q_size_ = 0;
  std::size_t finished_size_ = 0;
  State state_ = State::fresh;
};

/// Side A of one q. A device keeps its last two, each for 10 s. Not thread-safe; wipes itself.
class MfarInitiator {
 public:
  /// Answers q with `a`, once, if q wants the suite that the device's policy allows. The same q
  /// again gets the same `a`; any other is `bad_handshake` and changes nothing. Borrows from this.
  /// \returns `malformed` or `bad_handshake` where the device must keep silent.
  [[nodiscard]] Result<ByteView> answer(const Crypto& crypto, Random& random, const Key32& k_reg,
                                        RegistrationFields fields, Suite suite, ByteView q);
  /// The same with a K_reg that does not show itself, and room of the caller's, which is wiped.
  [[nodiscard]] Result<ByteView> answer(const Crypto& crypto, Random& random, const MacKey& k_reg,
                                        RegistrationFields fields, Suite suite, ByteView q,
                                        QueryRoom room);

  /// Checks `finished`, once. Only then is the agreement the device's session.
  /// \returns the receipt for this side's latest session that T remembers.
  [[nodiscard]] Result<Receipt> finish(const Crypto& crypto, ByteView finished);

  [[nodiscard]] ByteView message() const { return {a_.data(), a_size_}; }
  [[nodiscard]] bool answered() const { return a_size_ != 0; }
  /// Valid after `finish`.
  [[nodiscard]] const Agreement& agreement() const { return agreement_; }

 private:
  [[nodiscard]] Refusal make_answer(const Crypto& crypto, Random& random, const MacKey& k_reg,
                                    RegistrationFields fields, const Question& question,
                                    QueryRoom room);

  Digest th_{};
  Bytes<kAnswerBytes> a_{};
  Agreement agreement_;
  std::size_t a_size_ = 0;
  bool finished_ = false;
};

}  // namespace countersign
