#include "countersign/client/card/issuer_key.hpp"

#include <gmock/gmock.h>

#include "countersign/client/card/card.hpp"
#include "countersign/keys.hpp"
#include "openssl/crypto.hpp"
#include "unit/client/faulty_card.hpp"

namespace countersign::client {
namespace {

using countersign::test::hex;
using test::FaultyTransport;
using test::ReaderScript;

constexpr CardUid kUid{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4},
                       std::byte{5}, std::byte{6}, std::byte{7}, std::byte{8}};

LockedKey key_of(std::byte fill) {
  Bytes<32> bytes;
  bytes.fill(fill);
  return LockedKey{bytes};
}

TEST(IssuerKey, MakesAnotherKeyForEachCard) {
  const IssuerKey issuer{key_of(std::byte{7})};
  CardUid other = kUid;
  other[0] = std::byte{9};
  const auto one = issuer.card_key(kUid);
  const auto two = issuer.card_key(other);
  const auto reset = issuer.reset_key(kUid);
  ASSERT_TRUE(one && two && reset);
  EXPECT_NE(hex(one->key().bytes()), hex(two->key().bytes()));
  EXPECT_NE(hex(one->key().bytes()), hex(reset->key().bytes()));
}

TEST(IssuerKey, ResetsToTheKeyThatTheCardComputes) {
  const IssuerKey issuer{key_of(std::byte{7})};
  const std::array<ByteView, 1> context{kUid};
  Key32 expected;
  ASSERT_TRUE(expand(openssl::OpenSslCrypto{}, issuer.card_key(kUid)->key().bytes(), "card reset",
                     context, expected));
  EXPECT_EQ(hex(issuer.reset_key(kUid)->key().bytes()), hex(expected.bytes()));
}

TEST(IssuerKey, WithoutMemoryMakesNothing) {
  const IssuerKey issuer{LockedKey{}};
  EXPECT_FALSE(issuer.card_key(kUid));
  EXPECT_FALSE(issuer.reset_key(kUid));
  EXPECT_FALSE(issuer.prove(kUid, IssuerCommand::activate, 1));
}

TEST(NextIssuerNumber, IsAheadOfTheCardAndOfTheClock) {
  EXPECT_EQ(next_issuer_number(0, 1'700'000'000), 1'700'000'000U);
  EXPECT_EQ(next_issuer_number(1'700'000'000, 1'700'000'000), 1'700'000'001U);
  EXPECT_EQ(next_issuer_number(1'800'000'000, 1'700'000'000), 1'800'000'001U);
  EXPECT_EQ(next_issuer_number(7, 0), 8U) << "a clock that was never set";
  EXPECT_EQ(next_issuer_number(7, 1ULL << 40), 0xFFFFFFFFU) << "one that runs wild";
  EXPECT_EQ(next_issuer_number(0xFFFFFFFE, 0), 0xFFFFFFFFU);
  EXPECT_EQ(next_issuer_number(0xFFFFFFFF, 0), std::nullopt);
}

class AnIssuersCard : public testing::Test {
 protected:
  Card open() {
    auto card = Card::open(std::make_unique<FaultyTransport>(script), "reader");
    EXPECT_TRUE(card) << card.why().text;
    script.log.clear();
    return std::move(*card);
  }

  [[nodiscard]] auto count(const std::string& what) const {
    return std::count(script.log.begin(), script.log.end(), what);
  }

  ReaderScript script;
};

TEST_F(AnIssuersCard, SaysInWordsWhyItRefuses) {
  for (const auto& [status, text] : std::map<std::string, std::string>{
           {"6982", "this card is not of that issuer"},
           {"6a80", "the card has taken a later command of its issuer already"},
           {"6985", "the card does not do that in its present state"}}) {
    script.issuer_status = status;
    Card card = open();
    const auto refused = card.issuer_command(IssuerCommand::deactivate, {.n = 9, .tag = {}});
    ASSERT_FALSE(refused) << status;
    EXPECT_EQ(refused.why().text, text);
    EXPECT_FALSE(refused.why().hint.empty());
  }
}

TEST_F(AnIssuersCard, IsSentACommandOnceIfItTookIt) {
  for (const bool took : {true, false}) {
    script = {};
    Card card = open();
    script.reset_at_instruction = 0x04;
    script.run_before_reset = took;
    EXPECT_TRUE(card.issuer_command(IssuerCommand::deactivate, {.n = 9, .tag = {}}));
    EXPECT_EQ(count("04"), took ? 1 : 2);
    EXPECT_EQ(script.admin_counter, 9U);
  }
}

TEST_F(AnIssuersCard, IsResetBehindTheIssuersProofInOneTransaction) {
  Card card = open();
  EXPECT_TRUE(card.factory_reset({.n = 9, .tag = {}}));
  EXPECT_EQ(script.log, (std::vector<std::string>{"a4", "82", "db"}));
  EXPECT_EQ(script.life_cycle, "01");
}

TEST_F(AnIssuersCard, WhoseResetWasCutOffIsReset) {
  Card card = open();
  script.reset_at_instruction = 0xDB;
  script.run_before_reset = true;
  EXPECT_TRUE(card.factory_reset({.n = 9, .tag = {}}));
  EXPECT_EQ(count("db"), 1);
}

TEST_F(AnIssuersCard, ThatIsBlockedSaysSoToItsHolder) {
  script.life_cycle = "04";
  script.refuses_holder = true;
  Card card = open();
  const auto pin = std::move(*Pin::from("1234"));
  const auto refused = card.handshake_key("plant-a", pin);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.why().text, "this card was blocked by its issuer");
}

TEST_F(AnIssuersCard, ProvesThatItIsThere) {
  Card card = open();
  const auto here = card.presence({});
  ASSERT_TRUE(here) << here.why().text;
  EXPECT_EQ(here->life_cycle, LifeCycle::active);
  EXPECT_EQ(here->admin_counter, 4U);
}

}  // namespace
}  // namespace countersign::client
