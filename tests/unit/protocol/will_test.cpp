#include "countersign/will.hpp"

#include <gtest/gtest.h>

#include "openssl/crypto.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

/// A will that keeps its own bytes.
struct OwnedWill {
  std::string client_id = "mote-3";
  std::string topic = "plant/mote-3/status";
  Octets props{};
  Octets payload = octets("offline");
  std::uint8_t qos = 1;
  bool retain = false;

  [[nodiscard]] Will view() const {
    return {client_id, {bytes_of(topic), props}, payload, qos, retain};
  }
};

TEST(Will, IsCommittedToAsTheVectorsSay) {
  openssl::OpenSslCrypto crypto;
  for (const VectorFile& v : vectors("will_")) {
    SCOPED_TRACE(v.name());
    const OwnedWill will{v.text("client_id"),
                         v.text("topic"),
                         v.bytes("props"),
                         v.bytes("payload"),
                         static_cast<std::uint8_t>(v.number("qos")),
                         v.number("retain") == 1};
    WillCommitment commitment{.n = v.number("n"), .digest = {}};
    ASSERT_TRUE(will_digest(crypto, will.view(), commitment.digest));
    EXPECT_EQ(hex(commitment.digest), v.text("digest"));
    Octets room(kWillCommitmentBytes);
    Writer out{room};
    write_will_commitment(commitment, out);
    ASSERT_TRUE(out.ok());
    EXPECT_EQ(hex(out.written()), hex(v.body()));

    const auto parsed = parse_will_commitment(v.body());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->n, commitment.n);
    EXPECT_EQ(parsed->digest, commitment.digest);
  }
}

Digest digest_of(const OwnedWill& will) {
  openssl::OpenSslCrypto crypto;
  Digest digest{};
  EXPECT_TRUE(will_digest(crypto, will.view(), digest));
  return digest;
}

TEST(Will, IsAnotherOneIfAnythingChanges) {
  const Digest good = digest_of({});
  EXPECT_EQ(good, digest_of({}));
  EXPECT_NE(good, digest_of({.client_id = "mote-4"}));
  EXPECT_NE(good, digest_of({.topic = "plant/mote-4/status"}));
  EXPECT_NE(good, digest_of({.props = from_hex("0101")}));
  EXPECT_NE(good, digest_of({.payload = octets("online")}));
  EXPECT_NE(good, digest_of({.qos = 0}));
  EXPECT_NE(good, digest_of({.retain = true}));
  EXPECT_NE(digest_of({.client_id = "ab", .topic = "c"}),
            digest_of({.client_id = "a", .topic = "bc"}));
}

TEST(Will, WithFieldsThatDoNotFitTheirCountsHasNoDigest) {
  openssl::OpenSslCrypto crypto;
  Digest digest;
  const Octets more(65'536);
  const std::string text(65'536, 'x');
  EXPECT_FALSE(will_digest(crypto, OwnedWill{.client_id = text}.view(), digest));
  EXPECT_FALSE(will_digest(crypto, OwnedWill{.topic = text}.view(), digest));
  EXPECT_FALSE(will_digest(crypto, OwnedWill{.props = more}.view(), digest));
  EXPECT_FALSE(will_digest(crypto, OwnedWill{.payload = more}.view(), digest));
  EXPECT_TRUE(will_digest(crypto, OwnedWill{.payload = Octets(65'535)}.view(), digest));
}

TEST(Will, CommitmentHasExactlyItsLengthAndItsMark) {
  const auto v = vectors("will_plain").front();
  for (std::size_t size = 0; size < v.body().size(); ++size) {
    EXPECT_EQ(parse_will_commitment(v.body().first(size)).why(), Refusal::malformed);
  }
  EXPECT_EQ(parse_will_commitment(octets(v.body()) + Octets(1)).why(), Refusal::malformed);
  for (std::size_t bit = 0; bit < 8; ++bit) {
    EXPECT_EQ(parse_will_commitment(flipped(v.body(), bit)).why(), Refusal::malformed);
  }
}

}  // namespace
}  // namespace countersign::test
