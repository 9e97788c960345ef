#include "countersign/card.hpp"

#include <gtest/gtest.h>

#include "countersign/keys.hpp"
#include "openssl/crypto.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

template <std::size_t N>
Bytes<N> fixed(const VectorFile& v, const std::string& name) {
  Bytes<N> out{};
  copy(v.bytes(name), out);
  return out;
}

Key32 key(const VectorFile& v, const std::string& name) {
  return Key32{std::span<const std::byte, 32>{v.bytes(name)}};
}

/// The vectors of one family that expect `accept` or a refusal.
std::vector<VectorFile> family(const std::string& prefix, const std::string& name) {
  std::vector<VectorFile> found;
  for (const VectorFile& v : vectors(prefix)) {
    if (v.text("family") == name) {
      found.push_back(v);
    }
  }
  EXPECT_FALSE(found.empty()) << prefix;
  return found;
}

template <class Write>
std::string written(Write write) {
  Octets room(400);
  Writer out{room};
  write(out);
  EXPECT_TRUE(out.ok());
  return hex(out.written());
}

const openssl::OpenSslCrypto kCrypto;

TEST(Card, IssuersCommandsAreProvedAsTheVectorsSay) {
  for (const VectorFile& v : family("card_", "card_admin")) {
    SCOPED_TRACE(v.name());
    IssuerProof proof;
    const auto command = static_cast<IssuerCommand>(v.bytes("ins").front());
    ASSERT_TRUE(
        prove_issuer(kCrypto, key(v, "kiss"), fixed<8>(v, "uid"), command, v.number("n"), proof));
    EXPECT_EQ(written([&](Writer& out) { write_issuer_proof(proof, out); }), hex(v.body()));
    Reader in{v.body()};
    EXPECT_EQ(read_issuer_proof(in).tag, proof.tag);
    EXPECT_TRUE(in.done());
  }
}

TEST(Card, EachCardHasAnIssuerKeyOfItsOwn) {
  for (const VectorFile& v : family("card_issuer_key", "card_issuer_key")) {
    Key32 kiss;
    CardUid uid = fixed<8>(v, "uid");
    ASSERT_TRUE(derive_issuer_key(kCrypto, key(v, "issuer"), uid, kiss));
    EXPECT_EQ(hex(kiss.bytes()), hex(v.body()));
    uid[0] ^= std::byte{1};
    ASSERT_TRUE(derive_issuer_key(kCrypto, key(v, "issuer"), uid, kiss));
    EXPECT_NE(hex(kiss.bytes()), hex(v.body()));
  }
}

TEST(Card, ItsPresenceIsProvedByItsKeyAndForThisChallengeOnly) {
  for (const VectorFile& v : family("card_presence", "card_presence")) {
    SCOPED_TRACE(v.name());
    const CardUid uid = fixed<8>(v, "uid");
    const CardChallenge challenge = fixed<16>(v, "challenge");
    Reader in{v.body()};
    const Presence presence = read_presence(in);
    ASSERT_TRUE(in.done());
    EXPECT_EQ(static_cast<std::uint32_t>(presence.life_cycle), v.number("life_cycle"));
    EXPECT_EQ(presence.admin_counter, v.number("admin_counter"));
    EXPECT_EQ(written([&](Writer& out) { write_presence(presence, out); }), hex(v.body()));
    const Key32 k = key(v, "k");
    EXPECT_TRUE(is_present(kCrypto, k, uid, challenge, presence));

    EXPECT_FALSE(is_present(kCrypto, key(v, "k_here"), uid, challenge, presence));
    EXPECT_FALSE(is_present(kCrypto, k, {}, challenge, presence));
    EXPECT_FALSE(is_present(kCrypto, k, uid, {}, presence));
    for (std::size_t i = 0; i < kPresenceBytes; ++i) {
      Octets flipped = octets(v.body());
      flipped[i] ^= std::byte{0x10};
      Reader other{flipped};
      EXPECT_FALSE(is_present(kCrypto, k, uid, challenge, read_presence(other))) << i;
    }
  }
}

TEST(Card, OrdersAgreeWithTheVectorsBothWays) {
  for (const VectorFile& v : family("card_order", "card_order")) {
    SCOPED_TRACE(v.name());
    const auto order = parse_card_order(v.body());
    ASSERT_EQ(static_cast<bool>(order), v.text("expect") == "accept");
    if (!order) {
      EXPECT_EQ(order.why(), Refusal::malformed);
      continue;
    }
    EXPECT_EQ(hex(order->uid), v.text("uid"));
    EXPECT_EQ(hex(order->challenge), v.text("challenge"));
    EXPECT_EQ(static_cast<std::uint32_t>(order->command), v.number("ins"));
    EXPECT_EQ(order->proof.n, v.number("n"));
    EXPECT_EQ(hex(order->proof.tag), v.text("tag"));
    EXPECT_EQ(written([&](Writer& out) { write_card_order(*order, out); }), hex(v.body()));
  }
}

TEST(Card, ReportsAgreeWithTheVectorsBothWays) {
  for (const VectorFile& v : family("card_report", "card_report")) {
    SCOPED_TRACE(v.name());
    const Octets body = octets(v.body());
    const auto report = parse_card_report(body);
    ASSERT_EQ(static_cast<bool>(report), v.text("expect") == "accept");
    if (!report) {
      EXPECT_EQ(report.why(), Refusal::malformed);
      continue;
    }
    EXPECT_EQ(hex(report->uid), v.text("uid"));
    EXPECT_EQ(report->status, v.number("status"));
    EXPECT_EQ(report->reader, v.text("reader"));
    EXPECT_EQ(written([&](Writer& out) { write_presence(report->presence, out); }),
              v.text("presence"));
    EXPECT_EQ(written([&](Writer& out) { write_card_report(*report, out); }), hex(v.body()));
  }
}

}  // namespace
}  // namespace countersign::test
