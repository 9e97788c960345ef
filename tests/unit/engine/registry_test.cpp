#include "engine/registry.hpp"

#include <gtest/gtest.h>

#include <string>

namespace countersign::engine {
namespace {

constexpr std::size_t kMoreThanFit = 5000;

class RegistryTest : public testing::Test {
 protected:
  Principal& put(const std::string& identity, const std::string& role) {
    store::Record record;
    record.identity = identity;
    record.roles = {role};
    return registry_.put(record);
  }
  bool has_only(const Principal& principal, const std::string& role) const {
    const auto roles = registry_.roles_of(principal);
    return roles.size() == 1 && roles[0] == role;
  }

  openssl::OpenSslCrypto crypto_;
  Registry registry_{crypto_};
};

TEST_F(RegistryTest, GivesNobodyAnothersRolesHoweverManyCameAndWent) {
  const Principal& boss = put("boss", "admin");
  Principal& mote = put("mote-3", "field");
  for (std::size_t i = 0; i < kMoreThanFit; ++i) {
    const std::string role = "role-" + std::to_string(i);
    registry_.set_roles(mote, {role});
    ASSERT_TRUE(has_only(mote, role)) << i;
  }
  EXPECT_TRUE(has_only(boss, "admin"));
}

TEST_F(RegistryTest, GivesNoRolesWhereThereIsNoRoomForANewSet) {
  const Principal& boss = put("boss", "admin");
  for (std::size_t i = 0; i < kMoreThanFit; ++i) {
    const std::string name = "mote-" + std::to_string(i);
    const Principal& mote = put(name, name);
    ASSERT_TRUE(has_only(mote, name) || registry_.roles_of(mote).empty()) << i;
  }
  EXPECT_TRUE(registry_.roles_of(*registry_.find("mote-4999")).empty());
  EXPECT_TRUE(has_only(boss, "admin"));
}

class CardsTest : public RegistryTest {
 protected:
  static constexpr const char* kText = "0123456789abcdef";

  Principal& give(const std::string& identity, const std::string& card) {
    store::Record record;
    record.identity = identity;
    record.card_uid = card;
    return registry_.put(record);
  }

  const CardUid uid_ = *parse_card_uid(kText);
};

TEST_F(CardsTest, NamesOneCardInEitherCaseAndNothingElse) {
  EXPECT_EQ(parse_card_uid("0123456789ABCDEF"), uid_);
  for (const char* text : {"", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg",
                           "0x23456789abcdef", "01 3456789abcdef"}) {
    EXPECT_FALSE(parse_card_uid(text)) << text;
  }
}

TEST_F(CardsTest, AreFoundByTheirUid) {
  Principal& mote = give("mote-3", "0123456789ABCDEF");
  EXPECT_EQ(registry_.holder_of(uid_), &mote);
  EXPECT_EQ(mote.card()->uid, kText);
  EXPECT_EQ(registry_.record_of(mote).card_uid, kText);
  registry_.remove("mote-3");
  EXPECT_EQ(registry_.holder_of(uid_), nullptr);
  EXPECT_TRUE(registry_.cards().empty());
}

TEST_F(CardsTest, BelongToOneIdentityAtMost) {
  const Principal& mote = give("mote-3", kText);
  const Principal& thief = give("thief", kText);
  EXPECT_EQ(registry_.holder_of(uid_), &mote) << "two in an older database: the first";
  EXPECT_FALSE(registry_.claim_card(uid_, nullptr));
  EXPECT_FALSE(registry_.claim_card(uid_, &thief));
  EXPECT_TRUE(registry_.claim_card(uid_, &mote)) << "a new key in the same card";
  registry_.release_card(uid_);
  EXPECT_EQ(registry_.holder_of(uid_), &mote);
  registry_.remove("thief");
  EXPECT_EQ(registry_.holder_of(uid_), &mote);
}

TEST_F(CardsTest, AreClaimedUntilTheyAreGivenOrReleased) {
  EXPECT_TRUE(registry_.claim_card(uid_, nullptr));
  EXPECT_FALSE(registry_.claim_card(uid_, nullptr)) << "another registration is on its way";
  EXPECT_EQ(registry_.holder_of(uid_), nullptr);
  registry_.release_card(uid_);
  EXPECT_TRUE(registry_.claim_card(uid_, nullptr));
  EXPECT_EQ(registry_.holder_of(uid_), nullptr);
  const Principal& mote = give("mote-3", kText);
  EXPECT_EQ(registry_.holder_of(uid_), &mote);
}

TEST_F(CardsTest, AreForgottenWithAllThatWasKnownOfThem) {
  Principal& mote = give("mote-3", kText);
  store::Card known;
  known.identity = "mote-3";
  known.uid = kText;
  known.sighting.host = "desk-7";
  registry_.learn_card(std::move(known));
  EXPECT_EQ(mote.card()->sighting.host, "desk-7");
  registry_.learn_card(mote, kText);
  EXPECT_EQ(mote.card()->sighting.host, "desk-7") << "the same card with a new key";
  registry_.learn_card(mote, "fedcba9876543210");
  EXPECT_TRUE(mote.card()->sighting.host.empty());
  EXPECT_EQ(registry_.holder_of(uid_), nullptr);
  registry_.learn_card(mote, "");
  EXPECT_EQ(mote.card(), nullptr);
  EXPECT_EQ(mote.card_key, nullptr);
  EXPECT_TRUE(registry_.cards().empty());
}

TEST_F(CardsTest, OfAnOlderVersionKeepTheirText) {
  const Principal& mote = give("mote-3", "the blue one");
  EXPECT_EQ(registry_.record_of(mote).card_uid, "the blue one");
  EXPECT_NE(mote.card_key, nullptr);
  EXPECT_TRUE(registry_.cards().empty());
}

TEST_F(CardsTest, CostNothingWhereThereAreNone) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(give("mote-" + std::to_string(i), "").particulars);
  }
  EXPECT_TRUE(registry_.cards().empty());
  EXPECT_LE(sizeof(Principal), 256U);
}

}  // namespace
}  // namespace countersign::engine
