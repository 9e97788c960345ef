#include "store/sqlite_store.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <random>

#include "workbench.hpp"

namespace countersign::store {
namespace {

using ::testing::HasSubstr;

class SqliteStoreTest : public Workbench {
 protected:
  /// Runs `sql` on a database that nobody holds.
  void edit(const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path("c.db").c_str(), &handle), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
    sqlite3_free(error);
    sqlite3_close(handle);
  }

  Failure refused(unsigned char fill = 7) {
    const auto store = SqliteStore::open(path("c.db"), key(fill));
    EXPECT_FALSE(store);
    return store ? Failure{} : store.why();
  }
};

TEST_F(SqliteStoreTest, KeepsARecordWhole) {
  Record record = device("mote-3");
  record.kind = Kind::user;
  record.epoch = (1U << 28) - 1;
  record.last_first.fill(std::byte{0xA5});
  record.reputation = {Level::auth3, -7};
  record.disabled = record.blocked = record.cloned = true;
  record.reason = "lost; 'quoted' \"twice\" é";
  record.expulsion = {1'700'000'000'123, 5, 1'699'999'999'000};
  record.roles = {"operator", "admin"};
  record.suites = 3;
  record.kid_ceiling = 16'383;
  record.card_counter = 0xFFFF'FFFF;
  record.card_uid = "0102030405060708";
  record.label = "third mote";
  record.registered_at = 1'600'000'000'000;
  ASSERT_TRUE(apply(*create(), {PutRecord{record}}));

  const auto records = all(*open());
  ASSERT_EQ(records.count("mote-3"), 1U);
  const Record& kept = records.at("mote-3");
  EXPECT_TRUE(same_tag(kept.k.bytes(), record.k.bytes()));
  EXPECT_EQ(kept.kind, record.kind);
  EXPECT_EQ(kept.epoch, record.epoch);
  EXPECT_EQ(kept.last_first, record.last_first);
  EXPECT_EQ(kept.reputation, record.reputation);
  EXPECT_TRUE(kept.disabled && kept.blocked && kept.cloned);
  EXPECT_EQ(kept.reason, record.reason);
  EXPECT_EQ(kept.expulsion.until, record.expulsion.until);
  EXPECT_EQ(kept.expulsion.strikes, record.expulsion.strikes);
  EXPECT_EQ(kept.expulsion.last_strike, record.expulsion.last_strike);
  EXPECT_EQ(kept.roles, record.roles);
  EXPECT_EQ(kept.suites, record.suites);
  EXPECT_EQ(kept.kid_ceiling, record.kid_ceiling);
  EXPECT_EQ(kept.card_counter, record.card_counter);
  EXPECT_EQ(kept.card_uid, record.card_uid);
  EXPECT_EQ(kept.label, record.label);
  EXPECT_EQ(kept.registered_at, record.registered_at);
}

TEST_F(SqliteStoreTest, ChangesOnlyWhatAChangeNames) {
  auto store = create();
  Bytes<16> first{};
  first.fill(std::byte{9});
  ASSERT_TRUE(apply(*store, {PutRecord{device("a")}, PutRecord{device("b")},
                             SetEpoch{"a", 12, first, {Level::auth2, 4}}, SetKidCeiling{"a", 128},
                             SetCardCounter{"a", 77}}));
  Record a = all(*store).at("a");
  EXPECT_EQ(a.epoch, 12U);
  EXPECT_EQ(a.last_first, first);
  EXPECT_EQ(a.reputation, (Reputation{Level::auth2, 4}));
  EXPECT_EQ(a.kid_ceiling, 128);
  EXPECT_EQ(a.card_counter, 77U);
  ASSERT_TRUE(apply(*store, {SetReputation{"a", {Level::auth3, 20}}}));
  ASSERT_TRUE(apply(*store, {SetExpulsion{"b", {Level::auth0, 2}, {100, 1, 50}}}));
  a = all(*store).at("a");
  EXPECT_EQ(a.reputation, (Reputation{Level::auth3, 20}));
  EXPECT_EQ(a.epoch, 12U);
  const Record b = all(*store).at("b");
  EXPECT_EQ(b.expulsion.until, 100);
  EXPECT_EQ(b.expulsion.strikes, 1);
  EXPECT_EQ(b.reputation, (Reputation{Level::auth0, 2}));
  EXPECT_EQ(b.epoch, 0U);
}

TEST_F(SqliteStoreTest, RemovesAndForgets) {
  auto store = create();
  ASSERT_TRUE(apply(*store, {PutRecord{device("a")}, PutRecord{device("b")}}));
  ASSERT_TRUE(apply(*store, {RemoveRecord{"a"}, SetReputation{"a", {Level::auth3, 20}}}));
  EXPECT_EQ(all(*store).size(), 1U);
  EXPECT_EQ(*store->count(), 1U);
}

TEST_F(SqliteStoreTest, TakesAllChangesOrNone) {
  auto store = create();
  const Status status = store->apply(
      std::vector<Change>{PutRecord{device("a")}, PutRecord{device("not an identity")}});
  ASSERT_FALSE(status);
  EXPECT_FALSE(status.why().message().empty());
  EXPECT_TRUE(all(*store).empty());
  EXPECT_TRUE(apply(*store, {PutRecord{device("a")}}));
}

TEST_F(SqliteStoreTest, RaisesItsRunForGood) {
  EXPECT_EQ(*create()->run(), 0U);
  EXPECT_EQ(*open()->raise_run(), 1U);
  EXPECT_EQ(*open()->raise_run(), 2U);
  EXPECT_EQ(*open()->run(), 2U);
  EXPECT_EQ(*open()->server_id(), "plant-broker");
}

TEST_F(SqliteStoreTest, WritesNoKeyInTheClear) {
  ASSERT_TRUE(apply(*create(), {PutRecord{device("a")}}));
  const std::string secret(32, '\x42');
  for (const char* name : {"c.db", "c.db-wal"}) {
    EXPECT_EQ(read(path(name)).find(secret.substr(0, 8)), std::string::npos) << name;
  }
}

TEST_F(SqliteStoreTest, IsOpenToNobodyElse) {
  create();
  EXPECT_EQ(std::filesystem::status(path("c.db")).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SqliteStoreTest, OverwritesNothing) {
  create();
  const auto again = SqliteStore::create(path("c.db"), key(), "other");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.why().message(), HasSubstr("there already"));
  EXPECT_EQ(*open()->server_id(), "plant-broker");
}

TEST_F(SqliteStoreTest, RefusesAnotherKeyFile) {
  create();
  EXPECT_THAT(refused(8).message(), HasSubstr("key file does not fit"));
}

TEST_F(SqliteStoreTest, RefusesANewerSchema) {
  create();
  edit("PRAGMA user_version=4");
  EXPECT_THAT(refused().message(), HasSubstr("newer Countersign (schema 4, this one knows 3)"));
}

TEST_F(SqliteStoreTest, RefusesOthersDatabasesAndLeavesThemAlone) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path("c.db").c_str(), &handle), SQLITE_OK);
  sqlite3_exec(handle, "CREATE TABLE theirs(x)", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  const std::string before = read(path("c.db"));
  EXPECT_THAT(refused().message(), HasSubstr("no database of Countersign"));
  EXPECT_EQ(read(path("c.db")), before);
}

TEST_F(SqliteStoreTest, RefusesWhatIsNoDatabase) {
  write(path("c.db"), std::string(8192, 'x'));
  EXPECT_THAT(refused().message(), HasSubstr("damaged"));
  write(path("c.db"), "");
  EXPECT_FALSE(refused().message().empty());
  std::filesystem::remove(path("c.db"));
  EXPECT_THAT(refused().message(), HasSubstr("countersign setup"));
}

TEST_F(SqliteStoreTest, RefusesAKeyMovedToAnotherIdentity) {
  ASSERT_TRUE(apply(*create(), {PutRecord{device("a")}, PutRecord{device("b")}}));
  edit("UPDATE identities SET k=(SELECT k FROM identities WHERE identity='a') WHERE identity='b'");
  const Status loaded = open()->load([](Record&&) {});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.why().message(), HasSubstr("entry of b is damaged"));
}

TEST_F(SqliteStoreTest, RefusesNumbersThatDoNotFit) {
  for (const char* change :
       {"kind=5", "level=4", "score=200", "disabled=2", "epoch=268435456", "kid_ceiling=70000",
        "suites=4", "strikes=-1", "last_first=x'00'", "k=x'00'", "card_counter=-1"}) {
    std::filesystem::remove(path("c.db"));
    ASSERT_TRUE(apply(*create(), {PutRecord{device("a")}}));
    edit(std::string{"UPDATE identities SET "} + change);
    EXPECT_FALSE(open()->load([](Record&&) {})) << change;
  }
}

TEST_F(SqliteStoreTest, NeverLoadsDamageWithoutSayingSo) {
  {
    auto store = create();
    std::vector<Change> changes;
    for (int i = 0; i < 300; ++i) {
      changes.emplace_back(PutRecord{device("mote-" + std::to_string(i))});
    }
    ASSERT_TRUE(apply(*store, std::move(changes)));
  }
  const std::string whole = read(path("c.db"));
  std::mt19937 random{7};
  int noticed = 0;
  for (int round = 0; round < 60; ++round) {
    std::string damaged = whole;
    const std::size_t page = 4096 * (1 + random() % (damaged.size() / 4096 - 1));
    damaged.replace(page, 512, 512, static_cast<char>(random()));
    write(path("c.db"), damaged);
    auto store = SqliteStore::open(path("c.db"), key());
    std::size_t count = 0;
    const bool loaded = store && (*store)->load([&](Record&&) { ++count; });
    noticed += loaded ? 0 : 1;
    EXPECT_TRUE(!loaded || count == 300) << "a record is lost and nobody says so";
  }
  EXPECT_GT(noticed, 0);
}

}  // namespace
}  // namespace countersign::store
