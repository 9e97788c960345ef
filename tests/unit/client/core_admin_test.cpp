#include <gmock/gmock.h>

#include "unit/client/core_scene.hpp"

namespace countersign::client {
namespace {

using countersign::test::Octets;
using countersign::test::octets;
using test::CoreScene;

/// A client that is logged in, and what T reads and answers.
struct AdminScene : CoreScene {
  AdminScene() { log_in(); }

  void ask(const std::vector<WipedText>& commands) {
    core->administer(
        commands, [this](const auto& outcome) { outcomes.push_back(outcome); }, now);
    core->tick(now);
  }

  /// The last request, opened with T's key.
  std::string request() {
    DirectionKey up;
    EXPECT_TRUE(derive(crypto, server->agreement().sk, Direction::up, up));
    Octets wire = link.sent.back().second.payload;
    const auto claim = parse_envelope(wire);
    Octets body = octets(claim->body);
    const MessageContext context{bytes_of(link.sent.back().second.topic), {}};
    EXPECT_EQ(open_envelope(crypto, up, *claim, context, body), Refusal::none);
    return std::string{text_of(body)};
  }

  void reply(const std::string& json) {
    Octets room(json.size() + kMaxEnvelopeBytes);
    const std::string topic = admin_reply_topic(client_id());
    const Header header{.flags = kSealed, .kid = down_kid, .seq = ++down_seq};
    arrive(topic,
           *write_envelope(crypto, down, header, {bytes_of(topic), {}}, bytes_of(json), room));
  }

  std::vector<Outcome<Core::AdminOutcomes>> outcomes;
};

TEST(Administration, BringsACommandAsItIsAndItsDataBack) {
  AdminScene scene;
  scene.ask({R"({"command":"registerDevice","password":"\u0001\"x"})"});
  EXPECT_EQ(scene.request(), R"({"commands":[{"command":"registerDevice","password":"\u0001\"x",)"
                             R"("correlationData":"1.0"}]})");
  scene.reply(
      R"({"responses":[{"command":"registerDevice","data":{"a":1},"correlationData":"1.0"}]})");
  ASSERT_EQ(scene.outcomes.size(), 1U);
  EXPECT_EQ(*scene.outcomes[0]->at(0), R"({"a":1})");
}

TEST(Administration, GivesEachCommandOfARequestItsOwnAnswer) {
  AdminScene scene;
  scene.ask({R"({"command":"a"})", R"({"command":"b"})", R"({"command":"c"})"});
  scene.reply(
      R"({"responses":[{"error":"no","correlationData":"1.1"},{"correlationData":"1.0"}]})");
  ASSERT_EQ(scene.outcomes.size(), 1U);
  const Core::AdminOutcomes& each = *scene.outcomes[0];
  ASSERT_EQ(each.size(), 3U);
  EXPECT_EQ(*each[0], "null");
  EXPECT_EQ(each[1].why().text, "no");
  EXPECT_EQ(each[2].why().fault, Fault::network) << "nothing was said of it";
}

TEST(Administration, TakesAnAnswerThatNamesNoCommandForTheWholeRequest) {
  AdminScene scene;
  scene.ask({R"({"command":"a"})", R"({"command":"b"})"});
  scene.reply(R"({"responses":[{"error":"Not an administrator"}]})");
  ASSERT_EQ(scene.outcomes.size(), 1U);
  for (const auto& each : *scene.outcomes[0]) {
    EXPECT_EQ(each.why().text, "Not an administrator");
  }
}

TEST(Administration, IsNotConfusedByOddAnswers) {
  AdminScene scene;
  scene.ask({R"({"command":"a"})"});
  for (const char* const odd :
       {"", "[]", "{}", R"({"responses":{}})", R"({"responses":[]})", R"({"responses":[1]})",
        R"({"responses":[{"correlationData":1}]})", R"({"responses":[{"correlationData":"1"}]})",
        R"({"responses":[{"correlationData":"2.0"}]})",
        R"({"responses":[{"correlationData":"."}]})",
        R"({"responses":[{"correlationData":"1.x"}]})"}) {
    scene.reply(odd);
    EXPECT_TRUE(scene.outcomes.empty()) << odd;
  }
  scene.reply(R"({"responses":[{"correlationData":"1.0"},{"correlationData":"1.7"},1]})");
  ASSERT_EQ(scene.outcomes.size(), 1U);
  EXPECT_EQ(scene.outcomes[0]->size(), 1U);
}

TEST(Administration, RefusesWhatIsNoObjectAndMoreThanARequestHolds) {
  AdminScene scene;
  scene.ask({});
  scene.ask({R"("a")"});
  scene.ask({"{}"});
  scene.ask(std::vector<WipedText>(257, R"({"command":"a"})"));
  ASSERT_EQ(scene.outcomes.size(), 4U);
  for (const auto& outcome : scene.outcomes) {
    EXPECT_EQ(outcome.why().fault, Fault::usage);
  }
}

TEST(Administration, EndsWithoutAnAnswer) {
  AdminScene scene;
  scene.ask({R"({"command":"a"})"});
  scene.pass(30'000);
  ASSERT_EQ(scene.outcomes.size(), 1U);
  EXPECT_EQ(scene.outcomes[0].why().fault, Fault::network);
}

}  // namespace
}  // namespace countersign::client
