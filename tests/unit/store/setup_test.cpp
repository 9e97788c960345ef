#include "store/setup.hpp"

#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/stat.h>

#include "config/settings.hpp"
#include "store/key_file.hpp"
#include "store/lock.hpp"
#include "workbench.hpp"

namespace countersign::store {
namespace {

using ::testing::HasSubstr;

class SetupTest : public Workbench {
 protected:
  SetupOptions options() {
    return {path("etc/countersign.toml"),
            path("var"),
            "plant-broker",
            "admin",
            "mosquitto",
            1'700'000'000'000};
  }
  SetupResult done() {
    auto result = setup(options());
    EXPECT_TRUE(result) << result.why().message();
    return result ? *result : SetupResult{};
  }
  std::string refused(const SetupOptions& wanted) {
    const auto result = setup(wanted);
    EXPECT_FALSE(result);
    return result ? "" : result.why().message();
  }
  std::unique_ptr<SqliteStore> registry() {
    auto wrap = load_key_file(path("etc/wrap.key"));
    EXPECT_TRUE(wrap) << wrap.why().message();
    auto store = SqliteStore::open(path("var/countersign.db"), std::move(*wrap));
    EXPECT_TRUE(store) << store.why().message();
    return std::move(*store);
  }
};

TEST_F(SetupTest, MakesAllThatABrokerNeeds) {
  const SetupResult result = done();
  EXPECT_EQ(result.server_id, "plant-broker");
  const auto settings = config::load_settings(path("etc/countersign.toml"));
  ASSERT_TRUE(settings) << settings.why().text();
  EXPECT_EQ(settings->server_id, "plant-broker");
  EXPECT_EQ(settings->rules.otherwise().rule.mode, Mode::observe);
  const auto records = all(*registry());
  ASSERT_EQ(records.size(), 1U);
  const Record& admin = records.at("admin");
  EXPECT_EQ(admin.kind, Kind::admin);
  EXPECT_EQ(admin.roles, std::vector<std::string>{"admin"});
  EXPECT_TRUE(same_tag(admin.k.bytes(), result.k.bytes()));
  EXPECT_FALSE(same_tag(admin.k.bytes(), Key32{}.bytes()));
  EXPECT_EQ(admin.registered_at, 1'700'000'000'000);
  EXPECT_THAT(read(path("var/audit.jsonl")), HasSubstr("\"event\":\"setup\""));
  EXPECT_EQ(read(path("var/audit.jsonl")).back(), '\n');
}

TEST_F(SetupTest, GivesEverythingToTheBrokersUser) {
  const passwd* const user = ::getpwnam("mosquitto");
  if (::geteuid() != 0 || user == nullptr) {
    GTEST_SKIP() << "only root can give files away, and only to a user that exists";
  }
  const uid_t wanted = user->pw_uid;
  done();
  for (const char* name : {"etc/wrap.key", "var", "var/countersign.db", "var/countersign.db.lock",
                           "var/audit.jsonl"}) {
    struct stat status {};
    ASSERT_EQ(::stat(path(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_uid, wanted) << name;
    EXPECT_EQ(status.st_mode & 0007, 0U) << name;
  }
}

TEST_F(SetupTest, OverwritesNothing) {
  done();
  const std::string key = read(path("etc/wrap.key"));
  EXPECT_THAT(refused(options()), HasSubstr("nothing is overwritten"));
  EXPECT_EQ(read(path("etc/wrap.key")), key);
  std::filesystem::remove(path("etc/wrap.key"));
  EXPECT_THAT(refused(options()), HasSubstr("nothing is overwritten"));
  EXPECT_FALSE(std::filesystem::exists(path("etc/wrap.key")));
}

TEST_F(SetupTest, TakesAConfigurationThatIsThere) {
  std::filesystem::create_directory(path("etc"));
  write(path("etc/countersign.toml"),
        "server_id = \"mine\"\n[files]\nkey = \"wrap.key\"\ndatabase = \"../var/countersign.db\"\n"
        "state = \"../var\"\naudit = \"../log/audit.jsonl\"\n[default]\nmode = \"off\"\n");
  EXPECT_THAT(refused(options()), HasSubstr("calls the server mine"));
  SetupOptions wanted = options();
  wanted.server_id.clear();
  const auto result = setup(wanted);
  ASSERT_TRUE(result) << result.why().message();
  EXPECT_EQ(result->server_id, "mine");
  EXPECT_EQ(*registry()->server_id(), "mine");
  EXPECT_TRUE(std::filesystem::exists(path("log/audit.jsonl")));
}

TEST_F(SetupTest, LeavesABrokenConfigurationAlone) {
  std::filesystem::create_directory(path("etc"));
  write(path("etc/countersign.toml"), "server_id = 3");
  EXPECT_FALSE(refused(options()).empty());
  EXPECT_EQ(read(path("etc/countersign.toml")), "server_id = 3");
  EXPECT_FALSE(std::filesystem::exists(path("var")));
}

TEST_F(SetupTest, RefusesNamesThatAreNone) {
  SetupOptions wanted = options();
  wanted.admin = "a b";
  EXPECT_THAT(refused(wanted), HasSubstr("administrator's name"));
  wanted = options();
  wanted.server_id = "a/b";
  EXPECT_THAT(refused(wanted), HasSubstr("server's name"));
  wanted.server_id.clear();
  EXPECT_THAT(refused(wanted), HasSubstr("needs a name"));
  wanted = options();
  wanted.owner = "no-such-user-here";
  if (::geteuid() == 0) {
    EXPECT_THAT(refused(wanted), HasSubstr("there is no user"));
  }
}

TEST_F(SetupTest, CanBeRepeatedAfterItFailed) {
  std::filesystem::create_directory(path("etc"));
  write(path("var"), "in the way");
  EXPECT_FALSE(refused(options()).empty());
  EXPECT_FALSE(std::filesystem::exists(path("etc/wrap.key")));
  EXPECT_FALSE(std::filesystem::exists(path("etc/countersign.toml")));
  std::filesystem::remove(path("var"));
  done();
}

class RecoverTest : public SetupTest {
 protected:
  Outcome<SetupResult> recovered(const std::string& admin = "admin") {
    SetupOptions wanted = options();
    wanted.admin = admin;
    return recover(wanted);
  }
};

TEST_F(RecoverTest, GivesAnAdministratorBackWhateverLockedIt) {
  const SetupResult first = done();
  {
    auto store = registry();
    Record admin = all(*store).at("admin");
    admin.disabled = admin.blocked = admin.cloned = true;
    admin.expulsion = {9'000'000'000'000, 7, 1};
    admin.reputation = {Level::auth0, 1};
    admin.epoch = (1U << 28) - 1;
    admin.kid_ceiling = 640;
    admin.roles = {"operator"};
    ASSERT_TRUE(apply(*store, {PutRecord{admin}}));
  }
  const auto result = recovered();
  ASSERT_TRUE(result) << result.why().message();
  EXPECT_FALSE(same_tag(result->k.bytes(), first.k.bytes()));
  const Record admin = all(*registry()).at("admin");
  EXPECT_FALSE(admin.disabled || admin.blocked || admin.cloned);
  EXPECT_EQ(admin.expulsion.until, 0);
  EXPECT_EQ(admin.epoch, 0U);
  EXPECT_EQ(admin.reputation, Reputation{});
  EXPECT_EQ(admin.kid_ceiling, 640) << "an old kid is never used again";
  EXPECT_EQ(admin.roles, (std::vector<std::string>{"admin", "operator"}));
  EXPECT_TRUE(same_tag(admin.k.bytes(), result->k.bytes()));
  EXPECT_THAT(read(path("var/audit.jsonl")), HasSubstr("\"event\":\"recover\""));
}

TEST_F(RecoverTest, AddsAnAdministrator) {
  done();
  ASSERT_TRUE(recovered("second"));
  EXPECT_EQ(all(*registry()).size(), 2U);
}

TEST_F(RecoverTest, MakesNoAdministratorOfADevice) {
  done();
  ASSERT_TRUE(apply(*registry(), {PutRecord{device("mote-3")}}));
  const auto result = recovered("mote-3");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.why().message(), HasSubstr("is a device"));
}

TEST_F(RecoverTest, IsRefusedWhileABrokerRuns) {
  done();
  const auto broker = Lock::take(path("var/countersign.db"));
  ASSERT_TRUE(broker);
  const auto result = recovered();
  ASSERT_FALSE(result);
  EXPECT_THAT(result.why().message(), HasSubstr("stop it first"));
}

TEST_F(RecoverTest, LeavesNothingThatTheBrokerCannotOpen) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root makes such files";
  }
  done();
  struct stat before {};
  ::stat(path("var/countersign.db").c_str(), &before);
  ASSERT_TRUE(recovered());
  for (const auto& entry : std::filesystem::directory_iterator{path("var")}) {
    struct stat status {};
    ::stat(entry.path().c_str(), &status);
    EXPECT_EQ(status.st_uid, before.st_uid) << entry.path();
  }
}

TEST_F(RecoverTest, IsRefusedWithoutTheKeyFile) {
  done();
  std::filesystem::remove(path("etc/wrap.key"));
  EXPECT_FALSE(recovered());
}

}  // namespace
}  // namespace countersign::store
