#include <gmock/gmock.h>
#include <sqlite3.h>

#include "workbench.hpp"

namespace countersign::store {
namespace {

using ::testing::HasSubstr;

constexpr const char* kUid = "0123456789abcdef";
constexpr const char* kOther = "fedcba9876543210";

class CardsTest : public Workbench {
 protected:
  static Record holder(const std::string& identity, const std::string& uid) {
    Record record = device(identity);
    record.card_uid = uid;
    return record;
  }

  static Sighting seen() {
    return {.agent = "desk-agent",
            .host = "desk-7",
            .reader = "ACME Reader 'é' 00 00",
            .seen_at = 1'700'000'000'123,
            .life_cycle = LifeCycle::deactivated,
            .admin_counter = 0xFFFF'FFFF};
  }

  static Order ordered(IssuerCommand command = IssuerCommand::deactivate, std::uint32_t n = 7) {
    Order order;
    order.instruction = command;
    order.proof.n = n;
    order.proof.tag.fill(std::byte{0xA5});
    return order;
  }

  static std::map<std::string, Card> cards(Store& store) {
    std::map<std::string, Card> out;
    const Status loaded =
        store.load_cards([&](Card&& card) { out.emplace(card.identity, std::move(card)); });
    EXPECT_TRUE(loaded) << loaded.why().message();
    return out;
  }

  /// Runs `sql` on a database that nobody holds.
  void edit(const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path("c.db").c_str(), &handle), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
    sqlite3_free(error);
    sqlite3_close(handle);
  }
};

TEST_F(CardsTest, KeepsWhereACardWasAndWhatItIsOrdered) {
  ASSERT_TRUE(apply(*create(), {PutRecord{holder("mote-3", kUid), {}, ordered()},
                                SetSighting{"mote-3", kUid, seen()}}));
  const auto all = cards(*open());
  ASSERT_EQ(all.size(), 1U);
  const Card& card = all.at("mote-3");
  EXPECT_EQ(card.uid, kUid);
  EXPECT_EQ(card.sighting.agent, seen().agent);
  EXPECT_EQ(card.sighting.host, seen().host);
  EXPECT_EQ(card.sighting.reader, seen().reader);
  EXPECT_EQ(card.sighting.seen_at, seen().seen_at);
  EXPECT_EQ(card.sighting.life_cycle, seen().life_cycle);
  EXPECT_EQ(card.sighting.admin_counter, seen().admin_counter);
  EXPECT_TRUE(card.order.is(IssuerCommand::deactivate, 7) && card.order.waits());
  EXPECT_EQ(card.order.proof.tag, ordered().proof.tag);
}

TEST_F(CardsTest, KeepsTheLatestSightingAndLeavesTheOrderAlone) {
  Sighting later = seen();
  later.agent = "gate";
  later.life_cycle = LifeCycle::active;
  auto store = create();
  ASSERT_TRUE(
      apply(*store, {PutRecord{holder("mote-3", kUid), {}, ordered()},
                     SetSighting{"mote-3", kUid, seen()}, SetSighting{"mote-3", kUid, later}}));
  const Card card = cards(*store).at("mote-3");
  EXPECT_EQ(card.sighting.agent, "gate");
  EXPECT_EQ(card.sighting.life_cycle, LifeCycle::active);
  EXPECT_TRUE(card.order.waits());
}

TEST_F(CardsTest, KeepsNothingOfACardThatNobodyHas) {
  auto store = create();
  ASSERT_TRUE(
      apply(*store, {SetSighting{"nobody", kUid, seen()}, PutRecord{device("mote-3")},
                     SetSighting{"mote-3", kUid, seen()}, PutRecord{holder("mote-4", kOther)},
                     SetSighting{"mote-4", kUid, seen()}}));
  EXPECT_TRUE(cards(*store).empty());
}

TEST_F(CardsTest, ForgetsACardWithItsIdentityAndWithItsUid) {
  auto store = create();
  ASSERT_TRUE(apply(*store, {PutRecord{holder("a", kUid), {}, ordered()},
                             PutRecord{holder("b", kOther), {}, ordered()},
                             SetSighting{"b", kOther, seen()}, RemoveRecord{"a"}}));
  EXPECT_EQ(cards(*store).size(), 1U);
  ASSERT_TRUE(apply(*store, {PutRecord{holder("b", kOther)}}));
  EXPECT_EQ(cards(*store).size(), 1U) << "the same card";
  ASSERT_TRUE(apply(*store, {PutRecord{holder("b", kUid)}}));
  EXPECT_TRUE(cards(*store).empty()) << "another card";
}

TEST_F(CardsTest, ChangesTheStateOfThatOrderOnly) {
  auto store = create();
  Order refused = ordered();
  refused.state = OrderState::refused;
  refused.status = 0x6982;
  ASSERT_TRUE(apply(*store, {PutRecord{holder("a", kUid), {}, ordered()},
                             PutRecord{holder("a", kUid), {}, ordered(IssuerCommand::activate, 8)},
                             SetOrder{"a", kUid, refused}}));
  EXPECT_TRUE(cards(*store).at("a").order.is(IssuerCommand::activate, 8));
  EXPECT_TRUE(cards(*store).at("a").order.waits());
  refused.instruction = IssuerCommand::activate;
  refused.proof.n = 8;
  ASSERT_TRUE(apply(*store, {SetOrder{"a", kUid, refused}}));
  EXPECT_EQ(cards(*store).at("a").order.state, OrderState::refused);
  EXPECT_EQ(cards(*store).at("a").order.status, 0x6982);
  ASSERT_TRUE(apply(*store, {PutRecord{holder("a", kUid), {}, Order{}}}));
  EXPECT_EQ(cards(*store).at("a").order.instruction, IssuerCommand::none) << "taken back";
}

TEST_F(CardsTest, RefusesWhatItWouldNotHaveWritten) {
  for (const char* change :
       {"uid='0123456789ABCDEF'", "uid=''", "life_cycle=1", "life_cycle=300", "admin_counter=-1",
        "instruction=130", "n=4294967296", "tag=x'00'", "state=3", "status=65536"}) {
    std::filesystem::remove(path("c.db"));
    ASSERT_TRUE(apply(*create(), {PutRecord{holder("a", kUid), {}, ordered()}}));
    edit(std::string{"UPDATE cards SET "} + change);
    const Status loaded = open()->load_cards([](Card&&) {});
    ASSERT_FALSE(loaded) << change;
    EXPECT_THAT(loaded.why().message(), HasSubstr("the card of a is damaged"));
  }
}

TEST_F(CardsTest, BringsDatabasesOfBothOlderSchemasHere) {
  for (const char* older : {"DROP TABLE cards; PRAGMA user_version=2;",
                            "DROP TABLE cards; DROP TABLE tokens;"
                            "ALTER TABLE identities DROP COLUMN registration;"
                            "PRAGMA user_version=1;"}) {
    std::filesystem::remove(path("c.db"));
    // older versions took a UID as it came
    ASSERT_TRUE(apply(*create(), {PutRecord{holder("a", "0123456789ABCDEF")}}));
    edit(older);
    ASSERT_TRUE(apply(*open(), {SetSighting{"a", kUid, seen()}})) << older;
    EXPECT_EQ(cards(*open()).at("a").sighting.host, "desk-7") << older;
    EXPECT_EQ(all(*open()).size(), 1U) << older;
  }
}

}  // namespace
}  // namespace countersign::store
