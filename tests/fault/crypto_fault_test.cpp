#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "countersign/resume.hpp"
#include "countersign/will.hpp"
#include "fault/failing_crypto.hpp"
#include "unit/protocol/gate_scene.hpp"
#include "unit/protocol/handshake_scene.hpp"

namespace countersign::test {
namespace {

class CryptoFault : public testing::Test {
 protected:
  openssl::OpenSslCrypto real_;
  Fault fault_;
  FailingCrypto crypto_{real_, fault_};
};

class HandshakeFault : public CryptoFault, public testing::WithParamInterface<Suite> {};
INSTANTIATE_TEST_SUITE_P(Suites, HandshakeFault, testing::Values(Suite::x25519, Suite::symmetric),
                         [](const auto& suite) {
                           return "Suite" + std::to_string(static_cast<unsigned>(suite.param));
                         });

TEST_P(HandshakeFault, NoFailingCallLetsAHandshakeEnd) {
  const std::size_t calls = fail_each_call(fault_, [this] {
    HandshakeScene scene{GetParam(), crypto_};
    const Refusal why = scene.run();
    if (fault_.struck()) {
      EXPECT_TRUE(why == Refusal::internal || why == Refusal::bad_handshake) << name_of(why);
      EXPECT_EQ(scene.received.kid, 0U) << "the device took a receipt";
    } else {
      EXPECT_EQ(why, Refusal::none);
      EXPECT_TRUE(scene.agree());
    }
  });
  EXPECT_GT(calls, 25U);
}

TEST_P(HandshakeFault, AStepThatFailedMayBeTakenAgain) {
  fail_each_call(fault_, [this] {
    HandshakeScene scene{GetParam(), crypto_};
    // each step once more if it failed, as when the message is repeated
    const auto twice = [this](const std::function<Refusal()>& step) {
      if (const Refusal why = step(); why == Refusal::none) {
        return why;
      }
      return step();
    };
    ASSERT_EQ(twice([&] { return scene.make_first(); }), Refusal::none);
    ASSERT_EQ(twice([&] { return scene.take_first(scene.m1); }), Refusal::none);
    ASSERT_EQ(twice([&] { return scene.make_second(); }), Refusal::none);
    ASSERT_EQ(twice([&] { return scene.take_second(scene.m2); }), Refusal::none);
    ASSERT_EQ(twice([&] { return scene.take_third(scene.m3); }), Refusal::none);
    ASSERT_EQ(twice([&] { return scene.make_finished(); }), Refusal::none);
    ASSERT_EQ(twice([&] { return scene.take_finished(scene.finished); }), Refusal::none);
    EXPECT_TRUE(scene.agree());
  });
}

TEST_P(HandshakeFault, NothingIsShownOfAMessageThatCouldNotBeMade) {
  fail_each_call(fault_, [this] {
    HandshakeScene scene{GetParam(), crypto_};
    static_cast<void>(scene.run());
    EXPECT_EQ(octets(scene.device.first()), scene.m1);
    EXPECT_EQ(octets(scene.server.second()), scene.m2);
    EXPECT_EQ(octets(scene.device.third()), scene.m3);
    EXPECT_EQ(octets(scene.server.finished()), scene.finished);
    EXPECT_EQ(scene.device.answered(), !scene.m3.empty());
  });
}

TEST_P(HandshakeFault, NoEntropyMeansNoHandshake) {
  const std::size_t calls = fail_each_call(fault_, [this] {
    HandshakeScene scene{GetParam(), real_};
    FailingRandom random{scene.random, fault_};
    HandshakeKey key;
    ASSERT_TRUE(derive_handshake_key(real_, scene.k, "a", "t", key));
    const auto m1 = scene.device.start(real_, random, key, "a", "t", GetParam());
    EXPECT_NE(static_cast<bool>(m1), fault_.struck());
    if (!m1) {
      return;
    }
    ASSERT_EQ(scene.take_first(octets(*m1)), Refusal::none);
    const auto m2 = scene.server.answer(real_, random, {}, 1);
    EXPECT_NE(static_cast<bool>(m2), fault_.struck());
    if (!m2) {
      return;
    }
    const auto m3 = scene.device.answer(real_, random, *m2);
    EXPECT_NE(static_cast<bool>(m3), fault_.struck());
  });
  EXPECT_EQ(calls, 4U) << "N1, r2, N2, N3";
}

class GateFault : public CryptoFault, public testing::WithParamInterface<Form> {};
INSTANTIATE_TEST_SUITE_P(Forms, GateFault, testing::ValuesIn(kForms),
                         [](const auto& form) { return form.param.name; });

TEST_P(GateFault, NoFailingCallLetsAMessagePassOrLeavesATrace) {
  const std::size_t calls = fail_each_call(fault_, [this] {
    GateScene scene{&crypto_};
    const FailingMacKey mac{scene.up_mac, fault_};
    scene.session.up_mac = &mac;
    scene.rule.evaluator = &scene.digits;
    const Sent good = scene.send(GetParam());
    const auto before = scene.state();
    const Verdict verdict = scene.judge(good);
    if (!fault_.struck()) {
      EXPECT_EQ(verdict.why, Refusal::none);
      return;
    }
    // the seam of sealing cannot tell a failing backend from a wrong tag
    EXPECT_EQ(verdict.why, GetParam().flags == kSealed ? Refusal::bad_tag : Refusal::internal);
    EXPECT_FALSE(verdict.deliver || verdict.proven);
    EXPECT_EQ(scene.state(), before);
    EXPECT_EQ(scene.judge(good).why, Refusal::none) << "and the next try is judged as the first";
  });
  EXPECT_GE(calls, 1U);
}

// zeroes are what a failing backend leaves; a message tagged with zeroes must not profit from it
TEST_P(GateFault, NoFailingCallMakesAForgeryRight) {
  fail_each_call(fault_, [this] {
    GateScene scene{&crypto_};
    const FailingMacKey mac{scene.up_mac, fault_};
    scene.session.up_mac = &mac;
    Sent forged = scene.send(GetParam());
    Octets& end = GetParam().readable ? forged.property : forged.payload;
    const std::size_t tag = GetParam().flags == kShortTag ? kShortTagBytes : kTagBytes;
    std::fill(end.end() - static_cast<std::ptrdiff_t>(tag), end.end(), std::byte{0});
    const auto before = scene.state();
    EXPECT_FALSE(scene.judge(forged).proven);
    EXPECT_EQ(scene.state(), before);
  });
}

TEST_F(CryptoFault, NoEnvelopeIsWrittenByAFailingBackend) {
  for (const Form& form : kForms) {
    if (form.flags == kOnCardTag) {
      continue;
    }
    fail_each_call(fault_, [&] {
      const Octets payload(10);
      Octets out(100);
      Octets body(10);
      const Header header{.flags = form.flags, .kid = 1, .seq = 1};
      const auto made = form.readable ? write_property(crypto_, {}, header, {}, payload, body, out)
                                      : write_envelope(crypto_, {}, header, {}, payload, out);
      EXPECT_EQ(made.why(), fault_.struck() ? Refusal::internal : Refusal::none);
    });
  }
}

/// A function that says whether it succeeded must say no whenever one of its calls failed.
void expect_honest(Fault& fault, std::size_t calls, const std::function<bool()>& function) {
  EXPECT_EQ(fail_each_call(fault,
                           [&] {
                             const bool made = function();
                             EXPECT_NE(made, fault.struck());
                           }),
            calls);
}

TEST_F(CryptoFault, NoSessionOpensWithoutAllItsKeys) {
  expect_honest(fault_, 3, [this] {
    Session session;
    DirectionKey up;
    return open_session(crypto_, {}, 0, session, up);
  });
}

TEST_F(CryptoFault, NoResumeProofIsMadeOrTakenByAFailingBackend) {
  std::array<char, kResumeTextBytes> room{};
  const std::string good{write_resume_proof(real_, {}, 1, 1, "a", room)};
  expect_honest(fault_, 2,
                [&] { return !write_resume_proof(crypto_, {}, 1, 1, "a", room).empty(); });
  const auto proof = parse_resume_proof(good);
  fail_each_call(fault_, [&] {
    const Refusal why = verify_resume_proof(crypto_, {}, *proof, "a");
    EXPECT_EQ(why, fault_.struck() ? Refusal::internal : Refusal::none);
  });
  fail_each_call(fault_, [&] {
    EXPECT_NE(verify_resume_proof(crypto_, {}, {}, "a"), Refusal::none) << "a tag of zeroes";
  });
}

TEST_F(CryptoFault, NoWillOrKeyComesOfAFailingBackend) {
  expect_honest(fault_, 1, [this] {
    Digest digest;
    return will_digest(crypto_, {}, digest);
  });
  expect_honest(fault_, 2, [this] {
    Key32 out;
    return hkdf(crypto_, {}, {}, "x", out);
  });
  expect_honest(fault_, 1, [this] {
    Key16 out;
    return expand16(crypto_, {}, "x", {}, out);
  });
  expect_honest(fault_, 1, [this] {
    HandshakeKey key;
    return derive_handshake_key(crypto_, {}, "a", "t", key);
  });
}

}  // namespace
}  // namespace countersign::test
