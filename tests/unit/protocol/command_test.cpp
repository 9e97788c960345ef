#include "countersign/command.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "countersign/keys.hpp"
#include "unit/protocol/command_scene.hpp"
#include "unit/refusal_text.hpp"

namespace countersign::test {
namespace {

const openssl::OpenSslCrypto kCrypto;

class Commands : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(scene_.ready); }

  Refusal take(ByteView message, Millis now = 0) {
    return scene_.device.take(kCrypto, message, now).why();
  }

  CommandScene scene_{kCrypto};
};

TEST_F(Commands, EachCommandOfEachCommanderIsFound) {
  for (std::size_t panel = 0; panel < 2; ++panel) {
    for (std::size_t i = 0; i < kCommandList.size(); ++i) {
      const CommandChallenge challenge = scene_.wake();
      const auto taken =
          scene_.device.take(kCrypto, scene_.message(panel, challenge, kCommandList[i]), 0);
      ASSERT_TRUE(taken);
      EXPECT_EQ(taken->commander, panel);
      EXPECT_EQ(taken->command, i);
      EXPECT_EQ(taken->challenge, challenge);
    }
  }
}

TEST_F(Commands, EachResponseIsFoundByItsCommanderAlone) {
  for (std::size_t i = 0; i < kResponseList.size(); ++i) {
    CommandInitiator mine;
    CommandInitiator other;
    const CommandChallenge challenge = scene_.wake();
    const auto message = mine.command(kCrypto, scene_.random, scene_.keys[0], challenge, "open");
    ASSERT_TRUE(other.command(kCrypto, scene_.random, scene_.keys[1], challenge, "open"));
    const auto taken = scene_.device.take(kCrypto, *message, 0);
    ASSERT_TRUE(taken);
    const auto response = scene_.device.respond(kCrypto, *taken, kResponseList[i]);
    ASSERT_TRUE(response);
    const auto which = mine.recognise(kCrypto, *response, kResponseList);
    ASSERT_TRUE(which);
    EXPECT_EQ(*which, i);
    EXPECT_EQ(other.recognise(kCrypto, *response, kResponseList).why(), Refusal::bad_tag);
  }
}

TEST_F(Commands, AnyFlippedBitIsRefusedAndSpendsTheChallenge) {
  for (std::size_t bit = 0; bit < kCommandMessageBytes * 8; ++bit) {
    const CommandChallenge challenge = scene_.wake();
    const Octets good = scene_.message(0, challenge, "open");
    EXPECT_EQ(take(flipped(good, bit)), Refusal::bad_tag) << bit;
    EXPECT_EQ(take(good), Refusal::stale) << bit;
  }
}

TEST_F(Commands, ACommandRunsOnceHoweverOftenItComes) {
  const CommandChallenge challenge = scene_.wake();
  const Octets message = scene_.message(0, challenge, "open");
  EXPECT_EQ(take(message), Refusal::none);
  const CommandChallenge later = scene_.wake();
  EXPECT_EQ(take(message), Refusal::replayed);
  EXPECT_EQ(take(message), Refusal::replayed);
  EXPECT_TRUE(scene_.device.is_open(later, 0)) << "a repetition costs nobody a challenge";
  EXPECT_EQ(take(scene_.message(0, challenge, "close")), Refusal::replayed)
      << "another one for the same challenge is no better";
}

TEST_F(Commands, TwoCommandersWhoHeardTheSameChallengeAreBothServed) {
  const CommandChallenge challenge = scene_.wake();
  EXPECT_EQ(take(scene_.message(0, challenge, "open")), Refusal::none);
  EXPECT_EQ(take(scene_.message(1, challenge, "close")), Refusal::none);
  EXPECT_EQ(take(scene_.message(1, challenge, "close")), Refusal::replayed);
}

TEST_F(Commands, AWrongMessageCostsTheOldestChallengeOnly) {
  const CommandChallenge first = scene_.wake();
  const CommandChallenge second = scene_.wake();
  const Octets garbage(kCommandMessageBytes);
  EXPECT_EQ(take(garbage), Refusal::bad_tag);
  EXPECT_FALSE(scene_.device.is_open(first, 0));
  EXPECT_TRUE(scene_.device.is_open(second, 0));
  EXPECT_EQ(take(garbage), Refusal::bad_tag);
  EXPECT_EQ(take(garbage), Refusal::stale);
}

TEST_F(Commands, AChallengeLivesFiveSeconds) {
  const CommandChallenge challenge = scene_.wake(1000);
  const Octets message = scene_.message(0, challenge, "open");
  EXPECT_TRUE(scene_.device.is_open(challenge, 5999));
  EXPECT_FALSE(scene_.device.is_open(challenge, 6000));
  EXPECT_EQ(take(message, 6000), Refusal::stale);
  EXPECT_EQ(take(message, 5999), Refusal::none);
}

TEST_F(Commands, AtMostFourAreOpenAndTheOldestGoesOut) {
  std::vector<CommandChallenge> all;
  for (std::size_t i = 0; i < 11; ++i) {
    all.push_back(scene_.wake());
    for (std::size_t j = 0; j < all.size(); ++j) {
      EXPECT_EQ(scene_.device.is_open(all[j], 0), j + kOpenChallenges >= all.size());
    }
  }
  EXPECT_EQ(take(scene_.message(0, all[6], "open")), Refusal::bad_tag);
  for (std::size_t i = 8; i < 11; ++i) {
    EXPECT_EQ(take(scene_.message(0, all[i], "open")), Refusal::none) << i;
  }
}

TEST_F(Commands, AConnectionsChallengeTakesOneAttempt) {
  const CommandChallenge mine = scene_.wake();
  const CommandChallenge others = scene_.wake();
  const auto at = [&](const CommandChallenge& own, ByteView message) {
    return scene_.device.take(kCrypto, own, message, 0).why();
  };
  EXPECT_EQ(at(mine, scene_.message(0, others, "open")), Refusal::bad_tag)
      << "what another connection's challenge would allow";
  EXPECT_EQ(at(mine, scene_.message(0, mine, "open")), Refusal::stale);
  EXPECT_EQ(at(others, scene_.message(0, others, "open")), Refusal::none);
  EXPECT_EQ(at(others, scene_.message(1, others, "open")), Refusal::stale);
  const CommandChallenge third = scene_.wake();
  EXPECT_EQ(at(third, Octets(kCommandMessageBytes + 1)), Refusal::malformed);
  EXPECT_EQ(at(third, scene_.message(0, third, "open")), Refusal::stale);
}

TEST_F(Commands, AConnectionThatEndsTakesItsChallengeAlong) {
  const CommandChallenge ended = scene_.wake();
  const CommandChallenge stays = scene_.wake();
  scene_.device.close(ended);
  EXPECT_FALSE(scene_.device.is_open(ended, 0));
  EXPECT_TRUE(scene_.device.is_open(stays, 0));
  EXPECT_EQ(take(scene_.message(0, ended, "open")), Refusal::bad_tag);
}

TEST_F(Commands, OtherLengthsAreMalformedAndCostNothing) {
  const CommandChallenge challenge = scene_.wake();
  for (std::size_t size = 0; size < 64; ++size) {
    if (size != kCommandMessageBytes) {
      EXPECT_EQ(take(Octets(size)), Refusal::malformed) << size;
    }
  }
  EXPECT_TRUE(scene_.device.is_open(challenge, 0));
}

TEST_F(Commands, WithoutRandomBytesNothingChanges) {
  const CommandChallenge challenge = scene_.wake();
  ScriptedRandom dry;
  for (std::size_t i = 0; i < kOpenChallenges; ++i) {
    EXPECT_EQ(scene_.device.challenge(dry, 0).why(), Refusal::internal);
  }
  EXPECT_TRUE(scene_.device.is_open(challenge, 0));
  CommandInitiator side;
  EXPECT_EQ(side.command(kCrypto, dry, scene_.keys[0], challenge, "open").why(), Refusal::internal);
}

TEST_F(Commands, ListsThatCannotBeAreRefusedWhole) {
  const std::string long_text(256, 'x');
  const std::array<std::string_view, 2> empty_command{"open", ""};
  const std::array<std::string_view, 2> long_command{"open", long_text};
  const std::vector<Commander> crowd(kMaxCommanders + 1, scene_.commanders[0]);
  const std::array<Commander, 1> keyless{{{.identity = "panel-1", .key = nullptr}}};
  std::vector<CommandResponder> devices{{scene_.commanders, empty_command},
                                        {scene_.commanders, long_command},
                                        {crowd, kCommandList},
                                        {keyless, kCommandList}};
  for (CommandResponder& device : devices) {
    EXPECT_EQ(device.challenge(scene_.random, 0).why(), Refusal::internal);
    EXPECT_EQ(device.take(kCrypto, Octets(kCommandMessageBytes), 0).why(), Refusal::internal);
    EXPECT_EQ(device.take(kCrypto, {}, Octets(kCommandMessageBytes), 0).why(), Refusal::internal);
    EXPECT_EQ(device.respond(kCrypto, {}, "").why(), Refusal::internal);
  }
  EXPECT_EQ(scene_.device.respond(kCrypto, {}, long_text).why(), Refusal::internal);
  const std::vector<Commander> full(kMaxCommanders, scene_.commanders[0]);
  CommandResponder most{full, kCommandList};
  EXPECT_TRUE(most.challenge(scene_.random, 0));
}

TEST_F(Commands, WithoutCommandersOrCommandsNothingIsRight) {
  CommandResponder nobody{{}, kCommandList};
  CommandResponder nothing{scene_.commanders, {}};
  for (CommandResponder* device : {&nobody, &nothing}) {
    const auto challenge = device->challenge(scene_.random, 0);
    ASSERT_TRUE(challenge);
    EXPECT_EQ(device->take(kCrypto, scene_.message(0, *challenge, "open"), 0).why(),
              Refusal::bad_tag);
  }
}

TEST_F(Commands, TheCommanderSendsOneMessageForARealChallenge) {
  CommandInitiator side;
  const std::string long_text(256, 'x');
  const std::array<std::string_view, 1> long_response{long_text};
  const CommandChallenge challenge{};
  const auto send = [&](ByteView to, std::string_view command) {
    return side.command(kCrypto, scene_.random, scene_.keys[0], to, command).why();
  };
  EXPECT_EQ(side.recognise(kCrypto, Tag{}, kResponseList).why(), Refusal::internal);
  EXPECT_EQ(send(Octets(15), "open"), Refusal::malformed);
  EXPECT_EQ(send(Octets(17), "open"), Refusal::malformed);
  EXPECT_EQ(send(challenge, ""), Refusal::internal);
  EXPECT_EQ(send(challenge, long_text), Refusal::internal);
  EXPECT_EQ(send(challenge, "open"), Refusal::none);
  EXPECT_EQ(send(challenge, "open"), Refusal::internal);
  EXPECT_EQ(side.recognise(kCrypto, Tag{}, long_response).why(), Refusal::internal);
  EXPECT_EQ(side.recognise(kCrypto, Tag{}, {}).why(), Refusal::bad_tag);
}

TEST_F(Commands, NoNameButAnIdentityHasKeys) {
  CommandKey key;
  const std::string long_name(65, 'a');
  for (const std::string_view name :
       {std::string_view{}, std::string_view{"a/b"}, std::string_view{long_name}}) {
    EXPECT_FALSE(derive_command_key(kCrypto, {}, name, "c", key));
    EXPECT_FALSE(derive_command_key(kCrypto, {}, "s", name, key));
  }
}

TEST(CountedChallenges, NeverComeTwiceInABootOrTheNext) {
  const Key32 secret = command_secret('1');
  const HeldKey k{kCrypto, secret};
  std::set<CommandChallenge> seen;
  for (std::uint32_t boot = 1; boot <= 3; ++boot) {
    CountedChallenges challenges{k, boot};
    for (std::size_t i = 0; i < 100; ++i) {
      CommandChallenge made{};
      ASSERT_TRUE(challenges.fill(made));
      EXPECT_TRUE(seen.insert(made).second);
    }
    Octets other(kCommandChallengeBytes - 1);
    EXPECT_FALSE(challenges.fill(other)) << "they serve nothing else";
  }
}

}  // namespace
}  // namespace countersign::test
