#include "config/rules.hpp"

#include <gtest/gtest.h>

#include "allocations.hpp"
#include "plant.hpp"

namespace countersign::config {
namespace {

const std::vector<std::string> kOperator{"operator"};
const Party kStranger{};
const Party kMote3{"mote-3", Kind::device, Level::auth2, {}};
const Party kAnna{"anna", Kind::user, Level::auth2, kOperator};
const Party kAdmin{"admin", Kind::admin, Level::auth2, {}};

class Rules : public ::testing::Test {
 protected:
  bool may_publish(const Party& party, std::string_view topic) {
    std::string_view bound;
    const TopicRule& rule = book.find(topic, bound);
    return book.may_publish(rule, party, bound);
  }

  Settings settings = settings_of(kPlant);
  RuleBook& book = settings.rules;
};

TEST_F(Rules, DecideByTheFirstThatMatches) {
  std::string_view bound;
  EXPECT_EQ(book.find("plant/mote-3/t", bound).name, "readings");
  EXPECT_EQ(bound, "mote-3");
  EXPECT_EQ(book.find("trial/x", bound).name, "trial");
  EXPECT_EQ(bound, "");
  EXPECT_EQ(book.find("plant/mote-3/x", bound).name, "default");
  EXPECT_EQ(book.find("$SYS/broker/uptime", bound).name, "default");
}

TEST(FleetRules, AreThoseThatEnforceAndCanMeetAnAgentsTopic) {
  const auto takes_fleet = [](const std::string& topic, const std::string& mode) {
    const Settings settings = settings_of(
        "server_id = \"t\"\n[[rule]]\ntopic = \"" + topic + "\"\nmode = \"" + mode +
        "\"\npublish = [\"known\"]\nsubscribe = [\"known\"]\n[default]\nmode = \"off\"");
    return settings.rules.rules()[0].fleet;
  };
  for (const char* topic : {"countersign/fleet/%d/event", "countersign/fleet/+/event",
                            "countersign/fleet/desk-7/event", "countersign/fleet/#", "+/+/%d/+"}) {
    EXPECT_TRUE(takes_fleet(topic, "enforce")) << topic;
    EXPECT_FALSE(takes_fleet(topic, "observe")) << topic;
    EXPECT_FALSE(takes_fleet(topic, "off")) << topic;
  }
  for (const char* topic : {"plant/%d/event", "countersign/fleet/%d",
                            "countersign/fleet/%d/event/x", "fleet/%d/event"}) {
    EXPECT_FALSE(takes_fleet(topic, "enforce")) << topic;
  }
}

TEST(FleetRules, IncludeADefaultThatEnforces) {
  const Settings settings = settings_of(
      "server_id = \"t\"\n[default]\nmode = \"enforce\"\npublish = \"known\"\nsubscribe = "
      "\"known\"");
  EXPECT_TRUE(settings.rules.otherwise().fleet);
}

TEST_F(Rules, LetADevicePublishOnlyUnderItsOwnName) {
  EXPECT_TRUE(may_publish(kMote3, "plant/mote-3/t"));
  EXPECT_FALSE(may_publish(kMote3, "plant/mote-4/t"));
  EXPECT_FALSE(may_publish(kStranger, "plant/mote-3/t"));
  EXPECT_FALSE(may_publish(kAnna, "plant/mote-3/t"));
}

TEST_F(Rules, KnowRolesKindsAndNames) {
  EXPECT_TRUE(may_publish(kAnna, "plant/mote-3/cmd"));
  EXPECT_FALSE(may_publish(kMote3, "plant/mote-3/cmd"));
  EXPECT_TRUE(may_publish({"old", Kind::legacy, Level::auth1, {}}, "log/x"));
  EXPECT_TRUE(may_publish({"gateway", Kind::device, Level::auth2, {}}, "log/x"));
  EXPECT_FALSE(may_publish(kMote3, "log/x"));
  EXPECT_FALSE(may_publish(kAdmin, "anything"));
}

TEST_F(Rules, TellReadersApart) {
  EXPECT_TRUE(book.may_read(kStranger, "plant/mote-3/t"));
  EXPECT_TRUE(book.may_read(kMote3, "plant/mote-3/cmd"));
  EXPECT_FALSE(book.may_read(kMote3, "plant/mote-4/cmd"));
  EXPECT_FALSE(book.may_read(kStranger, "plant/mote-3/cmd"));
  EXPECT_FALSE(book.may_read(kStranger, "log/x"));
  EXPECT_TRUE(book.may_read(kMote3, "log/x"));
  EXPECT_TRUE(book.may_read(kAdmin, "$SYS/broker/uptime"));
  EXPECT_FALSE(book.may_read(kMote3, "$SYS/broker/uptime"));
}

TEST_F(Rules, RefuseNoReaderWhereTheyOnlyObserve) {
  EXPECT_TRUE(book.may_read(kStranger, "trial/x"));
  EXPECT_TRUE(book.may_subscribe(kStranger, "trial/#"));
  EXPECT_FALSE(may_publish(kMote3, "trial/x")) << "the list itself is what observe counts by";
}

TEST_F(Rules, AllocateNothingWhenTheyDecide) {
  const std::size_t before = allocations();
  std::string_view bound;
  const TopicRule& rule = book.find("plant/mote-3/cmd", bound);
  const bool publish = book.may_publish(rule, kAnna, bound);
  const bool read = book.may_read(kMote3, "plant/mote-3/cmd");
  EXPECT_EQ(allocations(), before);
  EXPECT_TRUE(publish && read);
}

TEST(Permission, IsWrittenAsItIsRead) {
  for (const std::string_view text :
       {"%d", "anyone", "known", "kind:device", "kind:admin", "role:operator", "id:mote-3"}) {
    const auto permission = Permission::parse(text);
    ASSERT_TRUE(permission) << text;
    EXPECT_EQ(permission->text(), text);
  }
  for (const std::string_view text : {"", "nobody", "Anyone", "kind:", "kind:robot",
                                      "role:", "id:", "id:a b", "role:a/b", "mote-3", "%D", "*"}) {
    EXPECT_FALSE(Permission::parse(text)) << text;
  }
}

TEST(Permission, OfTheBoundIdentityNeedsOne) {
  const Permissions own{*Permission::parse("%d")};
  EXPECT_EQ(grant(own, Party{}, ""), nullptr);
  EXPECT_EQ(grant(own, kMote3, ""), nullptr);
  EXPECT_NE(grant(own, kMote3, "mote-3"), nullptr);
  EXPECT_EQ(grant({}, kAdmin, "admin"), nullptr);
}

TEST(Reserved, AreOurOwnTopics) {
  for (const std::string_view topic :
       {"$CONTROL/countersign/v1", "countersign/auth/x", "countersign/auth", "countersign/notice/x",
        "countersign/admin/x"}) {
    EXPECT_TRUE(is_reserved(topic)) << topic;
  }
  for (const std::string_view topic :
       {"countersign", "countersign/cmd/x", "countersign/authority", "x/countersign/auth"}) {
    EXPECT_FALSE(is_reserved(topic)) << topic;
  }
}

}  // namespace
}  // namespace countersign::config
