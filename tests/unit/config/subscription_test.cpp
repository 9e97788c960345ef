#include <gtest/gtest.h>

#include "plant.hpp"

namespace countersign::config {
namespace {

const std::vector<std::string> kOperator{"operator"};
const Party kStranger{};
const Party kMote3{"mote-3", Kind::device, Level::auth2, {}};
const Party kAnna{"anna", Kind::user, Level::auth2, kOperator};

class Subscription : public ::testing::Test {
 protected:
  bool may(const Party& party, std::string_view filter) {
    return settings.rules.may_subscribe(party, filter);
  }

  Settings settings = settings_of(kPlant);
};

TEST_F(Subscription, IsTakenIfAllItCanMatchIsAllowed) {
  EXPECT_TRUE(may(kStranger, "plant/mote-3/t"));
  EXPECT_TRUE(may(kMote3, "plant/mote-3/cmd"));
  EXPECT_TRUE(may(kAnna, "plant/mote-9/cmd"));
  EXPECT_TRUE(may(kMote3, "log/+"));
}

TEST_F(Subscription, IsRefusedIfItCouldMatchMore) {
  EXPECT_FALSE(may(kMote3, "plant/mote-4/cmd"));
  EXPECT_FALSE(may(kMote3, "plant/+/cmd"));
  EXPECT_FALSE(may(kMote3, "plant/#"));
  EXPECT_FALSE(may(kMote3, "plant/mote-3/#"));
  EXPECT_FALSE(may(kMote3, "#"));
  EXPECT_FALSE(may(kStranger, "log/x"));
  EXPECT_FALSE(may(kMote3, "log/#")) << "log and log/a/b are the default's";
  EXPECT_FALSE(may(kStranger, "plant/+/t")) << "what is no identity there is the default's";
}

TEST_F(Subscription, IsNotLessBecauseItIsShared) {
  EXPECT_TRUE(may(kMote3, "$share/group/plant/mote-3/cmd"));
  EXPECT_FALSE(may(kMote3, "$share/group/plant/mote-4/cmd"));
  EXPECT_FALSE(may(kMote3, "$share/group/#"));
}

TEST_F(Subscription, IsRefusedIfMalformed) {
  const Party admin{"admin", Kind::admin, Level::auth2, kOperator};
  for (const std::string_view filter : {"", "a#", "#/a", "$share", "$share/", "$share/g",
                                        "$share/g/", "$share//a", "$share/+/a", "$share/g#/a"}) {
    const TopicRule* why = &settings.rules.otherwise();
    EXPECT_FALSE(settings.rules.may_subscribe(admin, filter, &why)) << filter;
    EXPECT_EQ(why, nullptr) << filter;
  }
}

TEST_F(Subscription, NamesTheRuleThatForbids) {
  const TopicRule* why = nullptr;
  EXPECT_FALSE(settings.rules.may_subscribe(kMote3, "plant/+/cmd", &why));
  ASSERT_NE(why, nullptr);
  EXPECT_EQ(why->name, "commands");
}

TEST_F(Subscription, NeverDependsOnPercentDBeingWritten) {
  EXPECT_FALSE(may(kMote3, "plant/%d/cmd"));
}

/// A subscription that is taken lets nobody read what a delivery would be refused for.
TEST_F(Subscription, NeverAllowsMoreThanReading) {
  const std::vector<std::string> levels{"plant", "mote-3", "mote-4", "!",  "t", "cmd", "trial",
                                        "log",   "$SYS",   "",       "%d", "+", "#"};
  std::vector<std::string> texts;
  for (const std::string& a : levels) {
    texts.push_back(a);
    for (const std::string& b : levels) {
      texts.push_back(a + "/" + b);
      for (const std::string& c : levels) {
        texts.push_back(a + "/" + b + "/" + c);
      }
    }
  }
  std::size_t taken = 0;
  for (const Party& party : {kStranger, kMote3, kAnna}) {
    for (const std::string& text : texts) {
      if (!may(party, text)) {
        continue;
      }
      ++taken;
      const auto filter = TopicFilter::parse_subscription(text);
      ASSERT_TRUE(filter) << text;
      for (const std::string& topic : texts) {
        if (is_topic(topic) && filter->match(topic)) {
          ASSERT_TRUE(settings.rules.may_read(party, topic)) << text << " gives " << topic;
        }
      }
    }
  }
  EXPECT_GT(taken, 100U);
}

}  // namespace
}  // namespace countersign::config
