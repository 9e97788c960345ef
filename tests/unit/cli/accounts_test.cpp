#include "client/cli/accounts/accounts.hpp"

#include <gmock/gmock.h>

namespace countersign::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kSalt = "vN/w78zJaL4HcaQH";
const std::string kDigest =
    "ie0DxrwBsF+Z2WfT1mnYVD/4o9lZSt52iAVR1X8mlvwWvxb6TYXgAdtao1WzylNVajiCIFQ3g5BTPARno3Pnmw==";
const std::string kHash = "$7$101$" + kSalt + "$" + kDigest;

std::vector<std::string> names(const Accounts& accounts) {
  std::vector<std::string> out;
  for (const Account& one : accounts.taken) {
    out.push_back(one.identity);
  }
  return out;
}

std::vector<std::string> skipped(const Accounts& accounts) {
  std::vector<std::string> out;
  for (const Skipped& one : accounts.skipped) {
    out.push_back(one.name + ": " + one.why);
  }
  return out;
}

TEST(PasswordFile, GivesEachUserWithItsHashAsItIs) {
  const Accounts accounts = read_password_file("# ours\n\nmote-1:" + kHash +
                                               "\n mote-2 : " + kHash + " \r\nmote-3:" + kHash);
  EXPECT_THAT(names(accounts), ElementsAre("mote-1", "mote-2", "mote-3"));
  EXPECT_THAT(accounts.skipped, IsEmpty());
  for (const Account& one : accounts.taken) {
    EXPECT_EQ(one.hash, kHash);
  }
}

TEST(PasswordFile, SkipsWithTheReason) {
  const Accounts accounts =
      read_password_file("odd name:" + kHash + "\nplain:hello\nalone\n:" + kHash + "\n" +
                         std::string(65, 'a') + ":" + kHash);
  EXPECT_THAT(names(accounts), IsEmpty());
  EXPECT_THAT(
      skipped(accounts),
      ElementsAre(HasSubstr("odd name: its name is no identity"),
                  HasSubstr("plain: its password is not hashed"), HasSubstr("line 3: has no user"),
                  HasSubstr("line 4: has no user"), HasSubstr("its name is no identity")));
}

TEST(PasswordFile, TakesNeitherOfTwoWithOneName) {
  const Accounts accounts =
      read_password_file("a:" + kHash + "\nb:" + kHash + "\na:" + kHash + "\nb:plain\nc:" + kHash);
  EXPECT_THAT(names(accounts), ElementsAre("c"));
  EXPECT_THAT(skipped(accounts),
              ElementsAre("a: stands there more than once", "b: stands there more than once"));
}

TEST(PasswordFile, MayBeEmpty) {
  EXPECT_THAT(names(read_password_file("")), IsEmpty());
  EXPECT_THAT(names(read_password_file("\n\n#")), IsEmpty());
}

std::string client_json(const std::string& more) {
  return R"({"password":")" + kDigest + R"(","salt":")" + kSalt + R"(","iterations":101)" + more +
         "}";
}

Accounts read_clients(const std::string& clients, const std::string& more = "") {
  const auto accounts = read_dynamic_security(R"({"clients":[)" + clients + "]" + more + "}");
  EXPECT_TRUE(accounts);
  return *accounts;
}

TEST(DynamicSecurity, GivesHashLabelAndRoles) {
  const Accounts accounts = read_clients(
      client_json(R"(,"username":"mote-1","textName":"on the roof",)"
                  R"("roles":[{"rolename":"sensor","priority":1},{"rolename":"a b"}])") +
          "," + client_json(R"(,"username":"mote-2","textname":"newer","disabled":false)"),
      R"(,"groups":[{"roles":[{"rolename":"hall"},{"rolename":"sensor"}],)"
      R"("clients":[{"username":"mote-1"}]}])");
  ASSERT_THAT(names(accounts), ElementsAre("mote-1", "mote-2"));
  EXPECT_EQ(accounts.taken[0].hash, kHash);
  EXPECT_EQ(accounts.taken[0].label, "on the roof");
  EXPECT_THAT(accounts.taken[0].roles, ElementsAre("sensor", "hall"));
  EXPECT_EQ(accounts.taken[1].label, "newer");
}

TEST(DynamicSecurity, MakesNobodyAnAdministratorHere) {
  const Accounts accounts = read_clients(
      client_json(R"(,"username":"m","roles":[{"rolename":"admin"},{"rolename":"registrar"}])"),
      R"(,"groups":[{"roles":[{"rolename":"admin"}],"clients":[{"username":"m"}]}])");
  ASSERT_EQ(accounts.taken.size(), 1U);
  EXPECT_THAT(accounts.taken[0].roles, IsEmpty());
}

TEST(DynamicSecurity, SkipsWithTheReason) {
  const Accounts accounts = read_clients(
      client_json(R"(,"username":"off","disabled":true)") + "," + R"({"username":"bare"},7,)" +
      client_json("") + "," + client_json(R"(,"username":"a/b")") + R"(,{"username":"many",)" +
      R"("password":")" + kDigest + R"(","salt":")" + kSalt + R"(","iterations":2000000},)" +
      R"({"username":"half","password":")" + kDigest + R"(","salt":")" + kSalt +
      R"(","iterations":10.5})");
  EXPECT_THAT(names(accounts), IsEmpty());
  EXPECT_THAT(skipped(accounts),
              ElementsAre("off: is disabled", "bare: has no password", "client 3: has no username",
                          "client 4: has no username", HasSubstr("a/b: its name is no identity"),
                          HasSubstr("2000000 iterations"),
                          HasSubstr("half: its password hash is damaged")));
}

TEST(DynamicSecurity, CutsALongLabelBetweenCharacters) {
  std::string label = "x";
  for (int i = 0; i < 200; ++i) {
    label += "\xC3\xA9";
  }
  const Accounts accounts =
      read_clients(client_json(R"(,"username":"m","textname":")" + label + R"(")"));
  EXPECT_EQ(accounts.taken[0].label, label.substr(0, 255));
}

TEST(DynamicSecurity, IsAFileWithClients) {
  for (const std::string& odd :
       {std::string{""}, std::string{"{}"}, std::string{"[]"}, std::string{R"({"clients":{}})"},
        std::string(100'000, '['), std::string{"mote-1:$7$101$a$b"}}) {
    const auto accounts = read_dynamic_security(odd);
    ASSERT_FALSE(accounts);
    EXPECT_EQ(accounts.why().fault, client::Fault::file);
    EXPECT_NE(accounts.why().hint, "");
  }
}

}  // namespace
}  // namespace countersign::cli
