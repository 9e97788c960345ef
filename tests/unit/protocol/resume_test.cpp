#include "countersign/resume.hpp"

#include <gtest/gtest.h>

#include "countersign/envelope.hpp"
#include "openssl/crypto.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

/// What T says to a password: the parser, the session by kid, the tag, then n.
Refusal judge_resume(const Crypto& crypto, const VectorFile& v) {
  const auto proof = parse_resume_proof(v.text("password"));
  if (!proof) {
    return proof.why();
  }
  if (proof->kid != v.number("kid")) {
    return Refusal::unknown_kid;
  }
  const Refusal why = verify_resume_proof(crypto, v.key("sk"), *proof, v.text("client_id"));
  if (why != Refusal::none) {
    return why;
  }
  return proof->n > v.number("last_n") ? Refusal::none : Refusal::replayed;
}

TEST(Resume, IsJudgedAsTheVectorsSay) {
  openssl::OpenSslCrypto crypto;
  for (const VectorFile& v : vectors("resume_")) {
    SCOPED_TRACE(v.name());
    EXPECT_EQ(judge_resume(crypto, v), v.expected());
  }
}

TEST(Resume, WritesThePasswordsOfTheVectors) {
  openssl::OpenSslCrypto crypto;
  for (const VectorFile& v : vectors("resume_accept")) {
    SCOPED_TRACE(v.name());
    std::array<char, kResumeTextBytes> room{};
    EXPECT_EQ(write_resume_proof(crypto, v.key("sk"), static_cast<std::uint16_t>(v.number("kid")),
                                 v.number("n"), v.text("client_id"), room),
              v.text("password"));
  }
}

class Proof : public testing::Test {
 protected:
  [[nodiscard]] Refusal judge(std::string_view password, std::string_view client_id) const {
    const auto proof = parse_resume_proof(password);
    return proof ? verify_resume_proof(crypto_, sk_, *proof, client_id) : proof.why();
  }

  openssl::OpenSslCrypto crypto_;
  Key32 sk_{Bytes<32>{std::byte{6}}};
  std::array<char, kResumeTextBytes> room_{};
};

TEST_F(Proof, IsGoodForNothingIfAnyOfItsPartsChanges) {
  const std::string good{write_resume_proof(crypto_, sk_, 300, 7, "mote-3", room_)};
  ASSERT_EQ(judge(good, "mote-3"), Refusal::none);
  for (const std::string_view other : {"mote-30", "mote-", "mote-3~", "MOTE-3", ""}) {
    EXPECT_EQ(judge(good, other), Refusal::bad_tag) << other;
  }
  Octets room(kResumeProofBytes);
  ByteView wire;
  ASSERT_TRUE(decode_base64url(good, room, wire));
  // the kid chooses the session, so its bits are not signed: the first two bytes
  for (std::size_t bit = 16; bit < wire.size() * 8; ++bit) {
    std::string text(kResumeTextBytes, '?');
    static_cast<void>(encode_base64url(flipped(wire, bit), text));
    EXPECT_EQ(judge(text, "mote-3"), Refusal::bad_tag) << bit;
  }
  sk_ = Key32{};
  EXPECT_EQ(judge(good, "mote-3"), Refusal::bad_tag);
}

TEST_F(Proof, HasOneLength) {
  const std::string good{write_resume_proof(crypto_, sk_, 300, 7, "mote-3", room_)};
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(judge(good.substr(0, size), "mote-3"), Refusal::malformed);
  }
  EXPECT_EQ(judge(good + "A", "mote-3"), Refusal::malformed);
}

TEST_F(Proof, NamesAKidThatASessionCanHave) {
  for (const std::uint16_t kid : {std::uint16_t{0}, std::uint16_t{kMaxKid + 1}}) {
    const std::string text{write_resume_proof(crypto_, sk_, kid, 1, "a", room_)};
    EXPECT_EQ(judge(text, "a"), Refusal::malformed) << kid;
  }
  EXPECT_EQ(judge(std::string{write_resume_proof(crypto_, sk_, kMaxKid, 1, "a", room_)}, "a"),
            Refusal::none);
}

TEST_F(Proof, NeedsRoomAndAClientIdThatFits) {
  EXPECT_EQ(write_resume_proof(crypto_, sk_, 1, 1, "a", std::span{room_}.first(29)), "");
  EXPECT_EQ(write_resume_proof(crypto_, sk_, 1, 1, std::string(65'536, 'a'), room_), "");
  EXPECT_NE(write_resume_proof(crypto_, sk_, 1, 1, std::string(65'535, 'a'), room_), "");
}

}  // namespace
}  // namespace countersign::test
