#include <gtest/gtest.h>

#include "countersign/keys.hpp"
#include "fault/failing_crypto.hpp"
#include "unit/protocol/command_scene.hpp"

namespace countersign::test {
namespace {

class CommandFault : public testing::Test {
 protected:
  openssl::OpenSslCrypto real_;
  Fault fault_;
  FailingCrypto crypto_{real_, fault_};
};

TEST_F(CommandFault, NoFailingCallRunsACommandOrSpendsItsChallenge) {
  const std::size_t calls = fail_each_call(fault_, [this] {
    CommandScene scene{real_};
    const CommandChallenge challenge = scene.wake();
    const Octets message = scene.message(1, challenge, "1");
    const auto taken = scene.device.take(crypto_, message, 0);
    if (!fault_.struck()) {
      EXPECT_TRUE(taken);
      return;
    }
    EXPECT_EQ(taken.why(), Refusal::internal);
    EXPECT_TRUE(scene.device.take(real_, message, 0)) << "it may come again";
  });
  EXPECT_EQ(calls, 2 * kCommandList.size()) << "the last of the list, so all were tried";
}

TEST_F(CommandFault, AsManyCallsAreMadeForTheFirstCommandAndForNone) {
  for (const std::string_view command : {std::string_view{"open"}, std::string_view{"unlisted"}}) {
    const std::size_t calls = fail_each_call(fault_, [&] {
      CommandScene scene{real_};
      const Octets message = scene.message(0, scene.wake(), command);
      static_cast<void>(scene.device.take(crypto_, message, 0));
    });
    EXPECT_EQ(calls, 2 * kCommandList.size()) << command;
  }
}

// zeroes are what a failing backend leaves
TEST_F(CommandFault, NoFailingCallMakesATagOfZeroesRight) {
  fail_each_call(fault_, [this] {
    CommandScene scene{real_};
    const CommandChallenge challenge = scene.wake();
    EXPECT_FALSE(scene.device.take(crypto_, Octets(kCommandMessageBytes), 0));
    CommandInitiator side;
    ASSERT_TRUE(side.command(real_, scene.random, scene.keys[0], challenge, "open"));
    EXPECT_FALSE(side.recognise(crypto_, Tag{}, kResponseList));
  });
}

TEST_F(CommandFault, NothingIsSentThatAFailingBackendMade) {
  fail_each_call(fault_, [this] {
    CommandScene scene{real_};
    CommandKey key;
    const bool derived = derive_command_key(crypto_, {}, "s", "c", key);
    EXPECT_NE(derived, fault_.struck());
  });
  fail_each_call(fault_, [this] {
    CommandScene scene{real_};
    CommandInitiator side;
    const auto made = side.command(crypto_, scene.random, scene.keys[0], scene.wake(), "open");
    EXPECT_EQ(made.why(), fault_.struck() ? Refusal::internal : Refusal::none);
    const auto response = scene.device.respond(crypto_, {}, "done");
    EXPECT_EQ(static_cast<bool>(made) && static_cast<bool>(response), !fault_.struck());
  });
  fail_each_call(fault_, [this] {
    const Key32 zeros;
    const HeldKey k{crypto_, zeros};
    CountedChallenges challenges{k, 1};
    CommandChallenge made{};
    const bool filled = challenges.fill(made);
    EXPECT_NE(filled, fault_.struck());
  });
}

}  // namespace
}  // namespace countersign::test
