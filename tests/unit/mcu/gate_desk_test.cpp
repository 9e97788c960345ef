#include "secure/gate_desk.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "unit/mcu/plain_vault.hpp"

namespace countersign::mcu {
namespace {

using countersign::test::Octets;
using countersign::test::plain_crypto;
using countersign::test::PlainVault;

constexpr Millis kGreatest = std::numeric_limits<Millis>::max();
constexpr Millis kLeast = std::numeric_limits<Millis>::min();
constexpr Millis kLast = (Millis{1} << 62) - 1;

class GateDeskTest : public ::testing::Test {
 protected:
  Refusal challenge(Millis now) {
    GateRequest request;
    request.service = Service::challenge;
    request.now = now;
    GateReply reply;
    return desk.serve(request, {.in = {}, .text = {}, .out = made}, reply);
  }
  /// A right command for the last challenge.
  Refusal command(Millis now) {
    const Octets message = plain.scene.message(0, made, "open");
    GateRequest request;
    request.service = Service::command;
    request.now = now;
    GateReply reply;
    return desk.serve(request, {.in = message, .text = {}, .out = {}}, reply);
  }

  PlainVault plain;
  GateDesk desk{{plain.vault, plain_crypto(), plain.random, {}}};
  CommandChallenge made{};
};

TEST_F(GateDeskTest, TakesACommandInTime) {
  ASSERT_EQ(challenge(1'000), Refusal::none);
  EXPECT_EQ(command(1'000 + kChallengeLifeMs - 1), Refusal::none);
}

TEST_F(GateDeskTest, RefusesATimeThatIsNone) {
  ASSERT_EQ(challenge(1'000), Refusal::none);
  for (const Millis now : {kLeast, Millis{-1}, kLast + 1, kGreatest}) {
    EXPECT_EQ(challenge(now), Refusal::out_of_range) << now;
    EXPECT_EQ(command(now), Refusal::out_of_range) << now;
  }
  EXPECT_EQ(command(1'001), Refusal::none) << "it was not spent";
}

TEST_F(GateDeskTest, WhatWasTooLateStaysSoIfTimeIsToldToGoBack) {
  ASSERT_EQ(challenge(1'000), Refusal::none);
  EXPECT_EQ(command(1'000 + kChallengeLifeMs), Refusal::stale);
  EXPECT_EQ(command(1'000), Refusal::stale);
}

TEST_F(GateDeskTest, TimeMayJumpToItsEnd) {
  ASSERT_EQ(challenge(0), Refusal::none);
  EXPECT_EQ(command(kLast), Refusal::stale);
  ASSERT_EQ(challenge(0), Refusal::none);
  EXPECT_EQ(command(kLast), Refusal::none) << "no time has gone by";
}

}  // namespace
}  // namespace countersign::mcu
