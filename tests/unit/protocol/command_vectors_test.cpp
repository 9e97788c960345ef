#include <gtest/gtest.h>

#include "countersign/keys.hpp"
#include "unit/protocol/command_scene.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

const openssl::OpenSslCrypto kCrypto;

CommandKey key_of(const VectorFile& v) {
  CommandKey key;
  EXPECT_TRUE(derive_command_key(kCrypto, v.key("k"), v.text("ids"), v.text("idc"), key));
  return key;
}

/// Side C that sent what the vector says.
CommandInitiator sender(const VectorFile& v, const CommandKey& key, std::string_view command) {
  CommandInitiator side;
  ScriptedRandom nonce{v.bytes("nonce")};
  EXPECT_TRUE(side.command(kCrypto, nonce, key, v.bytes("challenge"), command));
  return side;
}

TEST(CommandVectors, BothSidesMakeAndTakeWhatTheOtherImplementationMade) {
  for (const VectorFile& v : vectors("command_accept_")) {
    SCOPED_TRACE(v.name());
    const CommandKey key = key_of(v);
    EXPECT_EQ(hex(key.command.bytes()), v.text("kc"));
    EXPECT_EQ(hex(key.response.bytes()), v.text("ks"));
    const Octets command = v.bytes("command");
    const Octets response = v.bytes("response");

    const std::array commanders{Commander{v.text("idc"), &key}};
    const std::array commands{std::string_view{"another"}, text_of(command)};
    CommandResponder device{commanders, commands};
    ScriptedRandom challenge{v.bytes("challenge")};
    const auto open = device.challenge(challenge, 0);
    ASSERT_TRUE(open);
    EXPECT_EQ(hex(*open), v.text("challenge"));

    CommandInitiator side;
    ScriptedRandom nonce{v.bytes("nonce")};
    const auto message = side.command(kCrypto, nonce, key, *open, text_of(command));
    ASSERT_TRUE(message);
    EXPECT_EQ(hex(*message), v.text("command_message"));

    const auto taken = device.take(kCrypto, *message, 0);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->command, 1U);
    const auto answer = device.respond(kCrypto, *taken, text_of(response));
    ASSERT_TRUE(answer);
    EXPECT_EQ(hex(*answer), v.text("response_message"));
    const std::array known{std::string_view{"another"}, text_of(response)};
    const auto which = side.recognise(kCrypto, *answer, known);
    ASSERT_TRUE(which);
    EXPECT_EQ(*which, 1U);
  }
}

TEST(CommandVectors, TheDeviceTakesNoOtherCommandMessage) {
  for (const VectorFile& v : vectors("command_refuse_command_")) {
    SCOPED_TRACE(v.name());
    const CommandKey key = key_of(v);
    const std::array commanders{Commander{v.text("idc"), &key}};
    for (const bool own : {false, true}) {
      CommandResponder device{commanders, kCommandList};
      ScriptedRandom random{v.bytes("challenge")};
      const auto open = device.challenge(random, 0);
      ASSERT_TRUE(open);
      const auto taken =
          own ? device.take(kCrypto, *open, v.body(), 0) : device.take(kCrypto, v.body(), 0);
      EXPECT_EQ(taken.why(), v.expected());
      EXPECT_EQ(device.is_open(*open, 0), v.expected() == Refusal::malformed && !own);
    }
  }
}

TEST(CommandVectors, TheCommanderTakesNoOtherResponse) {
  for (const VectorFile& v : vectors("command_refuse_response_")) {
    SCOPED_TRACE(v.name());
    const Octets command = v.bytes("command");
    const CommandInitiator side = sender(v, key_of(v), text_of(command));
    EXPECT_EQ(side.recognise(kCrypto, v.body(), kResponseList).why(), v.expected());
  }
}

TEST(CommandVectors, CountedChallengesAreAsTheOtherImplementationCounts) {
  for (const VectorFile& v : vectors("command_challenge_")) {
    SCOPED_TRACE(v.name());
    const Key32 secret = v.key("k");
    const HeldKey k{kCrypto, secret};
    CountedChallenges challenges{k, v.number("boot")};
    CommandChallenge made{};
    for (std::uint32_t i = 0; i <= v.number("n"); ++i) {
      ASSERT_TRUE(challenges.fill(made));
    }
    EXPECT_EQ(hex(made), hex(v.body()));
  }
}

}  // namespace
}  // namespace countersign::test
