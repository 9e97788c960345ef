#include <gtest/gtest.h>

#include "unit/client/core_scene.hpp"

namespace countersign::client {
namespace {

using test::CoreScene;
using test::Octets;

TEST(Login, GoesOverAThrowAwayIdWithoutNameOrPassword) {
  CoreScene scene;
  scene.log_in(300);
  ASSERT_EQ(scene.logins.size(), 1U);
  ASSERT_TRUE(scene.logins[0]) << scene.logins[0].why().text;
  EXPECT_EQ(scene.logins[0]->kid, 300);
  ASSERT_EQ(scene.link.opens.size(), 1U);
  EXPECT_TRUE(is_stranger(scene.client_id()));
  EXPECT_EQ(scene.client_id().size(), 23U);
  EXPECT_TRUE(scene.link.opens[0].username.empty());
  EXPECT_TRUE(scene.link.opens[0].clean);
  EXPECT_EQ(scene.core->state(), State::online);
}

TEST(Login, RepeatsALostFirstMessageByteForByte) {
  CoreScene scene;
  scene.start();
  scene.tell(Opened{});
  scene.pass(1'000);
  scene.pass(2'000);
  const auto messages = scene.handshake_messages();
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0], messages[1]);
  EXPECT_EQ(messages[0], messages[2]);
  EXPECT_EQ(scene.key.epoch, 1U) << "lost packets burn no epochs";
  scene.shake_hands(1);
  EXPECT_EQ(scene.core->state(), State::online);
}

TEST(Login, KeepsAnUnansweredFirstMessageForTheNextTry) {
  CoreScene scene;
  scene.start();
  scene.tell(Opened{});
  scene.pass(30'000);
  ASSERT_EQ(scene.logins.size(), 1U);
  EXPECT_EQ(scene.logins[0].why().fault, Fault::refused);
  scene.core->log_in([&](const auto& outcome) { scene.logins.push_back(outcome); }, scene.now);
  scene.tell(Opened{});
  EXPECT_EQ(scene.handshake_messages().front(), scene.handshake_messages().back());
  EXPECT_EQ(scene.key.epoch, 1U);
  scene.shake_hands(1);
  EXPECT_TRUE(scene.logins.back());
}

TEST(Login, MakesANewFirstMessageOnceTheEpochIsSpent) {
  CoreScene scene;
  scene.start();
  scene.tell(Opened{});
  AplusResponder server;
  const Octets m1 = scene.handshake_messages().back();
  ASSERT_EQ(server.open(scene.crypto, scene.key.k, *parse_first(m1)), Refusal::none);
  scene.answer(*server.answer(scene.crypto, scene.random, AuthCode{}, 1));
  for (int i = 0; i < 12; ++i) {
    scene.pass(1'000);
  }
  EXPECT_EQ(scene.key.epoch, 2U);
  EXPECT_NE(scene.handshake_messages().back(), m1);
  scene.shake_hands(2);
  EXPECT_EQ(scene.core->session()->kid, 2);
}

TEST(Login, FailsAtOnceWhereNoBrokerIs) {
  CoreScene scene;
  scene.start();
  scene.tell(OpenFailed{0, "connection refused"});
  ASSERT_EQ(scene.logins.size(), 1U);
  EXPECT_EQ(scene.logins[0].why().fault, Fault::network);
  EXPECT_EQ(scene.key.epoch, 0U);
}

TEST(Login, TakesItsOwnClientIdForAWill) {
  Options options;
  options.will =
      WillOptions{.topic = "t", .payload = test::octets("gone"), .qos = 1, .retain = true};
  CoreScene scene{options};
  scene.log_in(5);
  EXPECT_TRUE(scene.logins.empty());
  ASSERT_EQ(scene.link.opens.size(), 2U);
  EXPECT_EQ(scene.client_id(), "mote-3");
  EXPECT_EQ(scene.link.opens[1].username, "mote-3");
  EXPECT_TRUE(scene.link.opens[1].with_will);
  const auto proof = parse_resume_proof(scene.link.opens[1].password);
  ASSERT_TRUE(proof);
  EXPECT_EQ(verify_resume_proof(scene.crypto, scene.server->agreement().sk, *proof, "mote-3"),
            Refusal::none);
  scene.tell(Opened{});
  ASSERT_EQ(scene.logins.size(), 1U);

  const auto envelope = parse_envelope(scene.link.sent.back().second.payload);
  ASSERT_TRUE(envelope);
  const auto commitment = parse_will_commitment(envelope->body);
  ASSERT_TRUE(commitment);
  Digest expected;
  ASSERT_TRUE(will_digest(scene.crypto,
                          {.client_id = "mote-3",
                           .context = {bytes_of("t"), {}},
                           .payload = options.will->payload,
                           .qos = 1,
                           .retain = true},
                          expected));
  EXPECT_EQ(commitment->digest, expected);
  EXPECT_EQ(commitment->n, proof->n);
}

TEST(Login, ChoosesClientIdsByTheOptions) {
  for (const auto& [suffix, expected] :
       {std::pair<std::string, std::string>{"", "mote-3"}, {"pump", "mote-3~pump"}}) {
    Options options;
    options.suffix = suffix;
    CoreScene scene{options};
    scene.log_in();
    EXPECT_EQ(scene.client_id(), expected);
  }
}

}  // namespace
}  // namespace countersign::client
