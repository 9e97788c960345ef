#include "config/explain.hpp"

#include <gmock/gmock.h>

#include "plant.hpp"

namespace countersign::config {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

const Party kMote3{"mote-3", Kind::device, Level::auth2, {}};

TEST(Explain, SaysWhichRuleAllows) {
  const Settings settings = settings_of(kPlant);
  const auto out = explain(settings, kMote3, Action::publish, "plant/mote-3/t");
  EXPECT_TRUE(out.allowed);
  EXPECT_EQ(out.rule, "readings");
  EXPECT_THAT(out.reasons, Contains(HasSubstr("publish allows \"%d\"")));
  EXPECT_THAT(out.reasons, Contains("%d is mote-3"));
}

TEST(Explain, SaysWhoWouldBeAllowed) {
  const Settings settings = settings_of(kPlant);
  const auto out = explain(settings, kMote3, Action::publish, "plant/mote-3/cmd");
  EXPECT_FALSE(out.allowed);
  EXPECT_THAT(out.reasons, Contains("publish allows role:operator, not mote-3"));
}

TEST(Explain, KnowsLevels) {
  const Settings settings = settings_of(kPlant);
  const Party fallen{"mote-3", Kind::device, Level::auth1, {}};
  const auto out = explain(settings, fallen, Action::publish, "plant/mote-3/t");
  EXPECT_FALSE(out.allowed);
  EXPECT_THAT(out.reasons, Contains("it takes level AUTH2, not AUTH1"));
}

TEST(Explain, SaysThatObserveDeliversAllTheSame) {
  const Settings settings = settings_of(kPlant);
  const auto out = explain(settings, Party{}, Action::publish, "trial/x");
  EXPECT_TRUE(out.allowed);
  EXPECT_THAT(out.reasons, Contains(HasSubstr("counts it")));
}

TEST(Explain, JudgesSubscriptionsAsTheRulesDo) {
  const Settings settings = settings_of(kPlant);
  EXPECT_TRUE(explain(settings, kMote3, Action::subscribe, "plant/mote-3/cmd").allowed);
  const auto out = explain(settings, kMote3, Action::subscribe, "plant/+/cmd");
  EXPECT_FALSE(out.allowed);
  EXPECT_EQ(out.rule, "commands");
  EXPECT_FALSE(explain(settings, kMote3, Action::subscribe, "a#").allowed);
  EXPECT_FALSE(explain(settings, kMote3, Action::read, "plant/mote-4/cmd").allowed);
}

TEST(Explain, LeavesOurOwnTopicsOut) {
  const Settings settings = settings_of(kPlant);
  for (const Action action : {Action::publish, Action::subscribe, Action::read}) {
    EXPECT_FALSE(explain(settings, kMote3, action, "countersign/auth/x").allowed);
  }
  EXPECT_FALSE(explain(settings, kMote3, Action::publish, "a/+").allowed);
}

}  // namespace
}  // namespace countersign::config
