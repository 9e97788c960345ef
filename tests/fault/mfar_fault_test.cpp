#include <gtest/gtest.h>

#include <algorithm>

#include "fault/failing_crypto.hpp"
#include "unit/protocol/mfar_scene.hpp"

namespace countersign::test {
namespace {

class MfarFault : public testing::TestWithParam<Suite> {
 protected:
  openssl::OpenSslCrypto real_;
  Fault fault_;
  FailingCrypto crypto_{real_, fault_};
};
INSTANTIATE_TEST_SUITE_P(Suites, MfarFault, testing::Values(Suite::x25519, Suite::symmetric),
                         [](const auto& suite) {
                           return "Suite" + std::to_string(static_cast<unsigned>(suite.param));
                         });

TEST_P(MfarFault, NoFailingCallLetsALoginEnd) {
  const std::size_t calls = fail_each_call(fault_, [this] {
    MfarScene scene{GetParam(), crypto_};
    const Refusal why = scene.run();
    if (fault_.struck()) {
      EXPECT_TRUE(why == Refusal::internal || why == Refusal::bad_handshake) << name_of(why);
      EXPECT_EQ(scene.received.kid, 0U) << "the device took a receipt";
    } else {
      EXPECT_EQ(why, Refusal::none);
      EXPECT_TRUE(scene.agree());
    }
  });
  EXPECT_GE(calls, 14U);
}

TEST_P(MfarFault, NothingIsShownOfAMessageThatCouldNotBeMade) {
  fail_each_call(fault_, [this] {
    MfarScene scene{GetParam(), crypto_};
    static_cast<void>(scene.run());
    EXPECT_EQ(octets(scene.server.question()), scene.q);
    EXPECT_EQ(octets(scene.device.message()), scene.a);
    EXPECT_EQ(octets(scene.server.finished()), scene.finished);
    EXPECT_EQ(scene.device.answered(), !scene.a.empty());
  });
}

// zeroes are what a failing backend leaves; an answer tagged with zeroes must not profit from it
TEST_P(MfarFault, NoFailingCallMakesAForgeryRight) {
  MfarScene before{GetParam(), real_};
  ASSERT_EQ(before.make_question(), Refusal::none);
  ASSERT_EQ(before.take_question(before.q), Refusal::none);
  std::fill(before.a.end() - kTagBytes, before.a.end(), std::byte{0});
  fail_each_call(fault_, [&] {
    MfarResponder server = before.server;
    EXPECT_NE(server.accept(crypto_, before.k_reg, before.fields, before.a), Refusal::none);
    EXPECT_FALSE(server.accepted());
  });
}

TEST_P(MfarFault, NoEntropyMeansNoLogin) {
  const std::size_t calls = fail_each_call(fault_, [this] {
    MfarScene scene{GetParam(), real_};
    FailingRandom random{scene.random, fault_};
    const auto q = scene.server.ask(real_, random, GetParam(), {}, 1, scene.query);
    EXPECT_NE(static_cast<bool>(q), fault_.struck());
    if (!q) {
      return;
    }
    const auto a = scene.device.answer(real_, random, scene.k_reg, scene.fields, GetParam(), *q);
    EXPECT_NE(static_cast<bool>(a), fault_.struck());
  });
  EXPECT_EQ(calls, 2U) << "n2, n1";
}

}  // namespace
}  // namespace countersign::test
