#include "engine/fleet_event.hpp"

#include <gtest/gtest.h>

namespace countersign::engine {
namespace {

using What = FleetEvent::What;

std::string event(
    const std::string& name, const std::string& more = "",
    const std::string& head = R"("v":1,"number":7,"at":1700000000123,"uptime":3600)") {
  return "{" + head + R"(,"host":"desk-7","event":")" + name + "\"" + more + "}";
}

constexpr const char* kPlace = R"(,"reader":"ACME 00 00","card":"0123456789abcdef")";

TEST(FleetEvent, ReadsAllThatAgentsSay) {
  const auto inserted = parse_fleet_event(event("inserted", kPlace));
  ASSERT_TRUE(inserted);
  EXPECT_EQ(inserted->what, What::inserted);
  EXPECT_EQ(inserted->host, "desk-7");
  ASSERT_EQ(inserted->places.size(), 1U);
  EXPECT_EQ(inserted->places[0].reader, "ACME 00 00");
  EXPECT_EQ(std::to_integer<int>(inserted->places[0].card->front()), 0x01);
  EXPECT_EQ(parse_fleet_event(event("removed", R"(,"reader":"x")"))->places[0].card, std::nullopt);
  EXPECT_EQ(parse_fleet_event(event("reader_added", R"(,"reader":"x")"))->what, What::reader_added);
  EXPECT_EQ(parse_fleet_event(event("reader_removed", R"(,"reader":"x")"))->what,
            What::reader_removed);
  EXPECT_EQ(parse_fleet_event(event("service_lost"))->what, What::service_lost);
  EXPECT_EQ(parse_fleet_event(event("service_found"))->what, What::service_found);
  EXPECT_EQ(parse_fleet_event(event("offline"))->what, What::offline);
  const auto online = parse_fleet_event(
      event("online", R"(,"readers":[{"reader":"a"},{"reader":"b","card":"0123456789abcdef"}])"));
  ASSERT_TRUE(online);
  ASSERT_EQ(online->places.size(), 2U);
  EXPECT_FALSE(online->places[0].card);
  EXPECT_TRUE(online->places[1].card);
}

TEST(FleetEvent, PassesOverWhatItDoesNotKnow) {
  EXPECT_TRUE(parse_fleet_event(event("offline", R"(,"mood":{"today":[1]})")));
}

TEST(FleetEvent, TakesNoticeOfNothingElse) {
  const std::string long_name(129, 'x');
  for (const std::string& text : {
           std::string{},
           std::string{"null"},
           std::string{"[]"},
           std::string{"{}"},
           event("inserted"),
           event("inserted", R"(,"card":"0123456789abcdef")"),
           event("inserted", R"(,"reader":"x","card":"0123456789ABCDEF")"),
           event("inserted", R"(,"reader":"x","card":"0123456789abcde")"),
           event("inserted", R"(,"reader":"x","card":"")"),
           event("inserted", R"(,"reader":"x","card":7)"),
           event("inserted", R"(,"reader":"x","card":null)"),
           event("inserted", R"(,"reader":["x"])"),
           event("inserted", R"(,"reader":")" + long_name + "\""),
           event("inserted", ",\"reader\":\"\xff\""),
           event("inserted", R"(,"reader":"x","reader":"y")"),
           event("exploded", kPlace),
           event("online"),
           event("online", R"(,"readers":{})"),
           event("online", R"(,"readers":["x"])"),
           event("online", R"(,"readers":[{"card":"0123456789abcdef"}])"),
           event("offline", "", R"("v":2,"number":7,"at":1,"uptime":1)"),
           event("offline", "", R"("number":7,"at":1,"uptime":1)"),
           event("offline", "", R"("v":1,"number":-7,"at":1,"uptime":1)"),
           event("offline", "", R"("v":1,"number":7,"at":1.5,"uptime":1)"),
           event("offline", "", R"("v":1,"number":7,"at":1,"uptime":"1")"),
           event("offline", R"(,"deep":[[[[1]]]])"),
           event("offline") + "x",
           event("offline").substr(1),
       }) {
    EXPECT_FALSE(parse_fleet_event(text)) << text;
  }
}

TEST(FleetEvent, IsAtMost16KiBLong) {
  const std::string whole = event("offline");
  const std::string padding(kMaxFleetEventBytes - whole.size(), ' ');
  EXPECT_TRUE(parse_fleet_event(whole + padding));
  EXPECT_FALSE(parse_fleet_event(whole + padding + " "));
}

TEST(FleetEvent, ComesOnTheAgentsOwnTopic) {
  EXPECT_TRUE(is_fleet_topic("countersign/fleet/desk/event", "desk"));
  for (const char* topic :
       {"countersign/fleet/desk-7/event", "countersign/fleet/des/event",
        "countersign/fleet/desk/events", "countersign/fleet/desk/event/",
        "countersign/fleet//event", "/countersign/fleet/desk/event", "countersign/fleet/desk"}) {
    EXPECT_FALSE(is_fleet_topic(topic, "desk")) << topic;
  }
}

}  // namespace
}  // namespace countersign::engine
