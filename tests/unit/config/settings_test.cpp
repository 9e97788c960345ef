#include "config/settings.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "plant.hpp"

namespace countersign::config {
namespace {

using ::testing::HasSubstr;

const std::string kLeast = "server_id = \"t\"\n[default]\nmode = \"off\"\n";

TEST(Settings, NeedOnlyAServerIdAndADefault) {
  const Settings settings = settings_of(kLeast);
  EXPECT_EQ(settings.server_id, "t");
  EXPECT_EQ(settings.window, 64U);
  EXPECT_EQ(settings.limits.enforce_after_messages, 10'000U);
  EXPECT_EQ(settings.limits.max_age, 86'400'000);
  EXPECT_EQ(settings.connections.bad_messages, 8U);
  EXPECT_FALSE(settings.audit.all);
  EXPECT_EQ(settings.files.database, "/var/lib/countersign/countersign.db");
}

TEST(Settings, TakeEveryKey) {
  const Settings settings = settings_of(R"(
server_id = "t"
strip_prefix = "site1/"
[files]
key = "wrap.key"
database = "/srv/c.db"
state = "state"
audit = "../audit.jsonl"
[audit]
events = "all"
queue = 100
[limits]
window = 2048
enforce_after_messages = 5
enforce_after = "1h"
enforcement_time = "5s"
session_age = "12h"
session_sealed_messages = 77
[connections]
bad_messages = 3
strangers_per_address = 4
stranger_time = "5s"
handshake_time = "2s"
handshakes_per_second = 9
back_off_max = "20s"
duplicate_notices_per_second = 0
[suites]
device = [2]
user = [1, 2]
agent = [1]
admin = [1, 2]
[[relay]]
identity = "lora-gw"
carries = ["mote-*", "valve"]
[[relay]]
bridge = "here.there.bridge"
carries = "*"
[default]
mode = "observe"
level = "AUTH3"
sealed = false
short_tags = true
qos2 = "allow"
retained = true
wills = true
receipts = 16
card = "any"
range = [{ min = 1 }, { pointer = "/a", max = 2.5 }]
out_of_range = "deliver"
publish = "known"
subscribe = ["known"]
)");
  EXPECT_EQ(settings.files.key, "/etc/countersign/wrap.key");
  EXPECT_EQ(settings.files.database, "/srv/c.db");
  EXPECT_EQ(settings.files.state, "/etc/countersign/state");
  EXPECT_EQ(settings.files.audit, "/etc/audit.jsonl");
  EXPECT_TRUE(settings.audit.all);
  EXPECT_EQ(settings.audit.queue, 100U);
  EXPECT_EQ(settings.window, 2048U);
  EXPECT_EQ(settings.limits.enforce_after_messages, 5U);
  EXPECT_EQ(settings.limits.enforce_after, 3'600'000);
  EXPECT_EQ(settings.limits.enforcement_time, 5'000);
  EXPECT_EQ(settings.limits.max_age, 43'200'000);
  EXPECT_EQ(settings.limits.max_sealed, 77U);
  EXPECT_EQ(settings.connections.bad_messages, 3U);
  EXPECT_EQ(settings.connections.strangers_per_address, 4U);
  EXPECT_EQ(settings.connections.stranger_time, 5'000);
  EXPECT_EQ(settings.connections.handshake_time, 2'000);
  EXPECT_EQ(settings.connections.handshakes_per_second, 9U);
  EXPECT_EQ(settings.connections.back_off_max, 20'000);
  EXPECT_EQ(settings.connections.duplicate_notices_per_second, 0U);
  EXPECT_FALSE(settings.suites.allows(Kind::device, 1));
  EXPECT_TRUE(settings.suites.allows(Kind::device, 2));
  EXPECT_TRUE(settings.suites.allows(Kind::user, 2));
  EXPECT_FALSE(settings.suites.allows(Kind::agent, 2));
  EXPECT_FALSE(settings.suites.allows(Kind::legacy, 1));
  EXPECT_FALSE(settings.suites.allows(Kind::admin, 3));
  const TopicRule& rule = settings.rules.otherwise();
  EXPECT_EQ(rule.rule.mode, Mode::observe);
  EXPECT_EQ(rule.rule.least_level, Level::auth3);
  EXPECT_TRUE(rule.rule.short_tags && rule.rule.qos2 && rule.rule.retained && rule.rule.wills);
  EXPECT_TRUE(rule.rule.deliver_out_of_range);
  EXPECT_EQ(rule.rule.receipts, 16U);
  EXPECT_EQ(rule.evaluation.ranges.size(), 2U);
  EXPECT_TRUE(rule.evaluation.ranges[0].path.text);
  EXPECT_EQ(settings.without_prefix("site1/a/b"), "a/b");
  EXPECT_EQ(settings.without_prefix("a/b"), "a/b");
}

TEST(Settings, FindRelaysByIdentityOrBridgeAlone) {
  const Settings settings = settings_of(kLeast + R"(
[[relay]]
identity = "gw"
carries = ["mote-*"]
[[relay]]
bridge = "a.b.c"
carries = ["*"]
)");
  ASSERT_NE(settings.relay("gw"), nullptr);
  EXPECT_TRUE(settings.relay("gw")->may_carry("mote-3"));
  EXPECT_FALSE(settings.relay("gw")->may_carry("valve"));
  EXPECT_FALSE(settings.relay("gw")->may_carry("mote-/"));
  EXPECT_EQ(settings.relay("a.b.c"), nullptr);
  EXPECT_EQ(settings.relay(""), nullptr);
  EXPECT_EQ(settings.bridge("gw"), nullptr);
  EXPECT_EQ(settings.bridge(""), nullptr);
  EXPECT_NE(settings.bridge("a.b.c"), nullptr);
}

TEST(Settings, GiveARuleTheSafeDefaults) {
  const Settings settings = settings_of(
      "server_id = \"t\"\n[[rule]]\ntopic = \"a/%d\"\nsubscribe = \"known\"\n"
      "[default]\nmode = \"off\"\n");
  const TopicRule& rule = settings.rules.rules()[0];
  EXPECT_EQ(rule.name, "a/%d");
  EXPECT_EQ(rule.rule.mode, Mode::enforce);
  EXPECT_EQ(rule.rule.least_level, Level::auth2);
  EXPECT_FALSE(rule.rule.short_tags || rule.rule.qos2 || rule.rule.retained || rule.rule.wills);
  EXPECT_FALSE(rule.rule.deliver_out_of_range);
  EXPECT_EQ(rule.rule.evaluator, nullptr);
  ASSERT_EQ(rule.publish.size(), 1U);
  EXPECT_EQ(rule.publish[0].who, Permission::Who::bound);
}

TEST(Settings, NameTheFaultyLineAndWhatToDo) {
  const ConfigError error =
      refused("server_id = \"t\"\n[limits]\nwindw = 64\n[default]\nmode=\"off\"");
  EXPECT_EQ(error.line, 3U);
  EXPECT_EQ(error.column, 1U);
  EXPECT_EQ(error.hint, "did you mean window?");
  EXPECT_EQ(
      error.text(),
      "/etc/countersign/test.toml:3:1: unknown key \"windw\" in limits (did you mean window?)");
}

TEST(Settings, NameTheLineOfASyntaxError) {
  EXPECT_EQ(refused("server_id = \"t\"\nx = = 3\n").line, 2U);
}

struct Refused {
  const char* text;
  const char* message;
};

class RefusedSettings : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedSettings, AreNamed) {
  EXPECT_THAT(refused(GetParam().text).text(), HasSubstr(GetParam().message));
}

#define START "server_id = \"t\"\n[default]\nmode = \"off\"\n"
#define RULE START "[[rule]]\ntopic = \"a/%d\"\nsubscribe = \"anyone\"\n"

INSTANTIATE_TEST_SUITE_P(
    Each, RefusedSettings,
    ::testing::Values(
        Refused{"", "default is missing"},
        Refused{"[default]\nmode=\"off\"", "server_id is missing"},
        Refused{"server_id=\"t\"\n[default]", "mode is missing"},
        Refused{"server_id=\"a b\"\n[default]\nmode=\"off\"", "server_id must be"},
        Refused{"server_id=\"t\"\ndefault=3", "default must be a table"},
        Refused{"server_id=\"t\"\n[default]\nmode=\"enforce\"", "publish is missing"},
        Refused{"server_id=\"t\"\n[default]\nmode=\"enforce\"\npublish=\"known\"",
                "subscribe is missing"},
        Refused{"server_id=\"t\"\n[default]\nmode=\"On\"", "one of off, observe, enforce"},
        Refused{"server_id=\"t\"\n[default]\nmode=\"off\"\npublish=\"%d\"", "names %d"},
        Refused{START "[limits]\nwindow = 65", "multiple of 64"},
        Refused{START "[limits]\nwindow = 4096", "from 64 to 2048"},
        Refused{START "[limits]\nwindow = \"64\"", "a whole number"},
        Refused{START "[limits]\nwindow = -64", "a whole number"},
        Refused{START "[limits]\nsession_age = \"25h\"", "to \"1d\""},
        Refused{START "[limits]\nsession_age = 3600", "a time from"},
        Refused{START "[audit]\nevents = \"some\"", "one of refusals, all"},
        Refused{START "[suites]\ndevice = []", "[1], [2] or [1, 2]"},
        Refused{START "[suites]\ndevice = [3]", "[1], [2] or [1, 2]"},
        Refused{START "[suites]\ndevice = 1", "[1], [2] or [1, 2]"},
        Refused{START "[suites]\nlegacy = [1]", "unknown key \"legacy\""},
        Refused{START "[files]\nkey = \"\"", "key is empty"},
        Refused{START "[files]\nkey = \"x\"\naudit = \"./x\"", "three different files"},
        Refused{START "[[relay]]\ncarries = \"*\"", "exactly one"},
        Refused{START "[[relay]]\nidentity=\"a\"\nbridge=\"b\"\ncarries=\"*\"", "exactly one"},
        Refused{START "[[relay]]\nidentity = \"a\"", "must list identities"},
        Refused{START "[[relay]]\nidentity = \"a\"\ncarries = [\"a/b\"]", "must list identities"},
        Refused{START "[relay]\nidentity = \"a\"", "an array of tables"},
        Refused{START "[rule]\ntopic = \"a\"", "an array of tables"},
        Refused{START "[[rule]]\nname = \"a\"", "topic is missing"},
        Refused{START "[[rule]]\ntopic = \"a#\"", "no topic filter"},
        Refused{START "[[rule]]\ntopic = \"a/+\"\nsubscribe=\"known\"", "publish is missing"},
        Refused{START "[[rule]]\ntopic = \"a/%d\"", "subscribe is missing"},
        Refused{START "[[rule]]\ntopic = \"countersign/auth/+\"", "belongs to"},
        Refused{START "[[rule]]\ntopic = \"$CONTROL/#\"", "belongs to"},
        Refused{RULE "publish = [\"everybody\"]", "no permission"},
        Refused{RULE "publish = []", "is empty"},
        Refused{RULE "publish = [\"nobody\", \"known\"]", "no permission"},
        Refused{RULE "publish = 3", "an array of strings"},
        Refused{RULE "publish = [3]", "an array of strings"},
        Refused{RULE "level = \"AUTH0\"", "one of AUTH1"},
        Refused{RULE "sealed = \"yes\"", "true or false"},
        Refused{RULE "sealed = true\nshort_tags = true", "exclude each other"},
        Refused{RULE "card = \"require\"\nsealed = true", "excludes"},
        Refused{RULE "receipts = 49", "0 to 48"},
        Refused{RULE "name = \"default\"", "must be 1 to 64"},
        Refused{RULE "name = \"\"", "must be 1 to 64"},
        Refused{RULE "out_of_range = \"deliver\"", "means nothing without range"},
        Refused{RULE "range = []", "is empty"}, Refused{RULE "range = {}", "are missing"},
        Refused{RULE "range = { min = 2, max = 1 }", "greater than max"},
        Refused{RULE "range = { min = nan }", "finite"},
        Refused{RULE "range = { min = \"1\" }", "finite"},
        Refused{RULE "range = { pointer = \"t\", min = 1 }", "JSON pointer"},
        Refused{RULE "range = { text = true, min = 1 }", "unknown key \"text\""},
        Refused{RULE "[[rule]]\nname=\"x\"\ntopic = \"a/%d\"\nsubscribe=\"known\"",
                "never reached"},
        Refused{RULE "[[rule]]\nname=\"a/%d\"\ntopic = \"b/%d\"\nsubscribe=\"known\"",
                "taken by an earlier rule"},
        Refused{START
                "[[rule]]\ntopic=\"p/#\"\nmode=\"off\"\n[[rule]]\ntopic=\"p/%d/t\"\nmode=\"off\"",
                "never reached"}));

#undef RULE
#undef START

class SettingsFile : public ::testing::Test {
 protected:
  SettingsFile() { std::filesystem::create_directories(directory); }
  ~SettingsFile() override { std::filesystem::remove_all(directory); }

  std::string write(const std::string& text) {
    const auto path = directory / "countersign.toml";
    std::ofstream{path} << text;
    return path.string();
  }

  std::filesystem::path directory = std::filesystem::temp_directory_path() /
                                    ("countersign-settings-" + std::to_string(::getpid()));
};

TEST_F(SettingsFile, IsReadAndItsNeighboursFound) {
  const auto settings = load_settings(write(kLeast + "[files]\naudit = \"audit.jsonl\""));
  ASSERT_TRUE(settings) << settings.why().text();
  EXPECT_EQ(settings->files.audit, (directory / "audit.jsonl").string());
}

TEST_F(SettingsFile, IsRefusedIfItIsNotThere) {
  const auto settings = load_settings((directory / "none.toml").string());
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.why().text(), HasSubstr("countersign setup"));
}

TEST_F(SettingsFile, IsRefusedIfItIsADirectory) {
  const auto settings = load_settings(directory.string());
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.why().text(), HasSubstr("no regular file"));
}

TEST_F(SettingsFile, IsRefusedIfEverybodyMayWriteIt) {
  const std::string path = write(kLeast);
  std::filesystem::permissions(path, std::filesystem::perms::all);
  const auto settings = load_settings(path);
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.why().text(), HasSubstr("chmod o-w"));
}

TEST_F(SettingsFile, IsRefusedIfItIsEndless) {
  const auto settings = load_settings(write(std::string((1U << 20) + 1, '#')));
  ASSERT_FALSE(settings);
  EXPECT_THAT(settings.why().text(), HasSubstr("1 MiB"));
}

}  // namespace
}  // namespace countersign::config
