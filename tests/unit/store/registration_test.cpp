#include "store/registration.hpp"

#include <sqlite3.h>

#include "workbench.hpp"

namespace countersign::store {
namespace {

using Field = Registration::Field;

Registration whole() {
  Registration registration;
  registration.password_hash = "$7$1$AAAA$BBBB";
  registration.origins = {"10.0.0.7", "fe80::1"};
  registration.data = {{"model", "TelosB"}, {"uuid", std::string(255, 'u')}};
  return registration;
}

bool same(const Registration& a, const Registration& b) {
  return a.password_hash == b.password_hash && a.origins == b.origins && a.data == b.data;
}

TEST(Registration, ReadsWhatItWrote) {
  const auto image = write_registration(whole());
  const auto read = read_registration(image);
  ASSERT_TRUE(read);
  EXPECT_TRUE(same(*read, whole()));
  EXPECT_TRUE(read_registration(write_registration({})));
}

TEST(Registration, RefusesEveryCutAndASpareByte) {
  auto image = write_registration(whole());
  for (std::size_t size = 0; size < image.size(); ++size) {
    EXPECT_FALSE(read_registration(ByteView{image}.first(size))) << size;
  }
  image.push_back(std::byte{0});
  EXPECT_FALSE(read_registration(image));
}

TEST(Registration, WritesNothingThatDoesNotFit) {
  Registration registration = whole();
  registration.data.emplace_back("long", std::string(256, 'x'));
  EXPECT_TRUE(write_registration(registration).empty());
  registration = whole();
  registration.data.assign(kMaxDeviceFields + 1, Field{"a", "b"});
  EXPECT_TRUE(write_registration(registration).empty());
  registration = whole();
  registration.origins.assign(kMaxOrigins + 1, "10.0.0.1");
  EXPECT_TRUE(write_registration(registration).empty());
}

class RegistrationStoreTest : public Workbench {
 protected:
  static std::map<std::string, EnrolmentToken> tokens(Store& store) {
    std::map<std::string, EnrolmentToken> out;
    EXPECT_TRUE(store.load_tokens([&](EnrolmentToken&& token) { out.emplace(token.hash, token); }));
    return out;
  }

  static EnrolmentToken token(char digit) {
    return {std::string(64, digit), 1'800'000'000'000, {"mote", "field"}, "a label"};
  }

  /// Makes the database what schema 1 made.
  void go_back() {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(path("c.db").c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle,
                           "ALTER TABLE identities DROP COLUMN registration; DROP TABLE tokens;"
                           "DROP TABLE cards;"
                           "PRAGMA user_version=1;",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(handle);
  }
};

TEST_F(RegistrationStoreTest, KeepsARegistrationWrapped) {
  Record record = device("d-1");
  record.registration = whole();
  ASSERT_TRUE(apply(*create(), {PutRecord{record}, PutRecord{device("mote-3")}}));
  const auto records = all(*open());
  ASSERT_TRUE(records.at("d-1").registration);
  EXPECT_TRUE(same(*records.at("d-1").registration, whole()));
  EXPECT_FALSE(records.at("mote-3").registration);
  EXPECT_EQ(read(path("c.db")).find("TelosB"), std::string::npos);
  EXPECT_EQ(read(path("c.db")).find("$7$1$"), std::string::npos);
}

TEST_F(RegistrationStoreTest, ReplacesARegistrationAlone) {
  Record record = device("d-1");
  record.registration = whole();
  Registration later = whole();
  later.origins = {"192.0.2.1"};
  ASSERT_TRUE(apply(*create(), {PutRecord{record}, SetRegistration{"d-1", later},
                                SetRegistration{"nobody", later}}));
  const auto records = all(*open());
  EXPECT_TRUE(same(*records.at("d-1").registration, later));
  EXPECT_EQ(records.size(), 1U);
}

TEST_F(RegistrationStoreTest, SpendsATokenWithTheRegistrationThatNamesIt) {
  auto store = create();
  ASSERT_TRUE(apply(*store, {PutToken{token('a')}, PutToken{token('b')}, PutToken{token('c')}}));
  ASSERT_TRUE(
      apply(*store, {PutRecord{device("d-1"), token('a').hash}, RemoveToken{token('c').hash}}));
  store.reset();
  const auto left = tokens(*open());
  ASSERT_EQ(left.size(), 1U);
  const EnrolmentToken& kept = left.at(token('b').hash);
  EXPECT_EQ(kept.expires_at, token('b').expires_at);
  EXPECT_EQ(kept.roles, token('b').roles);
  EXPECT_EQ(kept.label, token('b').label);
}

TEST_F(RegistrationStoreTest, BringsAnOlderDatabaseToThePresentSchema) {
  ASSERT_TRUE(apply(*create(), {PutRecord{device("mote-3")}}));
  go_back();
  Record record = device("d-1");
  record.registration = whole();
  ASSERT_TRUE(apply(*open(), {PutRecord{record}, PutToken{token('a')}}));
  const auto records = all(*open());
  EXPECT_EQ(records.size(), 2U);
  EXPECT_FALSE(records.at("mote-3").registration);
  EXPECT_TRUE(same(*records.at("d-1").registration, whole()));
}

}  // namespace
}  // namespace countersign::store
