#include "vault/vault.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "countersign/rekey.hpp"
#include "unit/mcu/plain_vault.hpp"
#include "unit/octets.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::mcu {
namespace {

using countersign::test::flipped;
using countersign::test::Octets;
using countersign::test::octets;
using countersign::test::PlainKeys;
using countersign::test::PlainMac;
using countersign::test::PlainNumbers;

const openssl::OpenSslCrypto& kCrypto = test::plain_crypto();

class VaultTest : public ::testing::Test {
 protected:
  /// T with that k: the session's keys, or nothing if m1 does not open.
  bool log_in(const Key32& k) {
    const auto m1 = vault_.begin(room_);
    return m1 && answer(octets(ByteView{room_}.first(*m1)), k);
  }

  bool answer(const Octets& m1, const Key32& k) {
    AplusResponder server;
    const auto first = parse_first(m1);
    if (!first || server.open(kCrypto, k, *first) != Refusal::none) {
      return false;
    }
    const auto m2 = server.answer(kCrypto, random_, {}, ++kid_);
    const auto m3 = vault_.take(*m2, room_);
    if (!m3 || server.accept(kCrypto, ByteView{room_}.first(m3->answer_bytes)) != Refusal::none) {
      return false;
    }
    const auto finished = server.finish(kCrypto, {});
    const auto step = vault_.take(*finished, room_);
    sk_ = server.agreement().sk;
    return step && step->finished;
  }

  Octets first_message() {
    const auto size = vault_.begin(room_);
    return size ? octets(ByteView{room_}.first(*size)) : Octets{};
  }

  Result<ByteView> sign(std::uint32_t seq, std::string_view text, std::uint8_t flags = 0) {
    return vault_.sign({.seq = seq, .flags = flags, .topic = "t", .payload = bytes_of(text)},
                       room_);
  }

  /// Tries again and again, as a device does that gets no answer.
  bool comes_in(const Key32& k) {
    bool in = false;
    for (int tries = 0; tries < 8 && !in; ++tries) {
      in = log_in(k);
    }
    return in;
  }

  Octets answer_with(const Key32& k) {
    Bytes<kRekeyBytes> message{};
    EXPECT_TRUE(write_rekey(HeldKey{kCrypto, k}, kRekeyedMark, message));
    return octets(message);
  }

  /// k' of the present key and session, as T computes it.
  Key32 next_of(const Key32& k) {
    Key32 next;
    EXPECT_TRUE(next_key(kCrypto, HeldKey{kCrypto, k}, sk_, next));
    return next;
  }

  Key32 k_{Bytes<32>{std::byte{0x42}}};
  PlainKeys keys_{k_};
  PlainNumbers numbers_;
  PlainMac mac_;
  countersign::test::SeededRandom random_;
  CommandResponder nobody_{{}, {}};
  Profile profile_{.identity = "mote-1",
                   .server_id = "plant",
                   .suite = Suite::symmetric,
                   .method = Method::aplus,
                   .password = {},
                   .fields = {}};
  Vault vault_{{kCrypto, random_, keys_, numbers_, mac_, nobody_}, profile_};
  Bytes<512> room_{};
  Key32 sk_;
  std::uint16_t kid_ = 0;
};

TEST_F(VaultTest, RepeatsAFirstMessageThatNobodyAnsweredByteForByte) {
  const Octets m1 = first_message();
  EXPECT_EQ(m1, first_message());
  vault_.give_up();
  EXPECT_EQ(m1, first_message()) << "an epoch was burnt for nothing";
  EXPECT_EQ(numbers_.epoch, 1);
  ASSERT_TRUE(answer(m1, k_));
  EXPECT_NE(m1, first_message());
  EXPECT_EQ(numbers_.epoch, 2);
}

TEST_F(VaultTest, SignsEachNumberForOneMessageOnly) {
  ASSERT_TRUE(log_in(k_));
  const auto once = sign(9, "21.5");
  ASSERT_TRUE(once);
  const Octets first = octets(*once);
  const auto again = sign(9, "21.5");
  ASSERT_TRUE(again);
  EXPECT_EQ(octets(*again), first);
  EXPECT_EQ(sign(9, "21.6").why(), Refusal::replayed);
  EXPECT_EQ(sign(9, "21.5", kSealed).why(), Refusal::replayed);
  EXPECT_EQ(sign(8, "21.5").why(), Refusal::replayed);
  EXPECT_TRUE(sign(10, "21.6"));
}

TEST_F(VaultTest, ARefusedSignatureLeavesNothingBehind) {
  ASSERT_TRUE(log_in(k_));
  ASSERT_TRUE(sign(9, "21.5", kSealed));
  room_ = {};
  EXPECT_EQ(sign(9, "nonce", kSealed).why(), Refusal::replayed);
  EXPECT_EQ(octets(room_), Octets(room_.size()));
}

TEST_F(VaultTest, SignsNothingWithoutASession) {
  EXPECT_EQ(sign(1, "21.5").why(), Refusal::unknown_kid);
}

TEST_F(VaultTest, EveryEighthNumberIsNoReadings) {
  for (int i = 0; i < 40; ++i) {
    const auto number = vault_.next_reading();
    ASSERT_TRUE(number);
    EXPECT_NE(*number % kControlEvery, 0);
  }
  const auto control = vault_.next_control(0);
  ASSERT_TRUE(control);
  EXPECT_EQ(*control % kControlEvery, 0);
  EXPECT_GT(*vault_.next_reading(), *control);
}

TEST_F(VaultTest, RemembersTheSessionWhoseReadingsAreNotSettled) {
  ASSERT_TRUE(log_in(k_));
  EXPECT_EQ(vault_.old_kid(), 0);
  ASSERT_TRUE(vault_.settle());
  ASSERT_TRUE(log_in(k_));
  EXPECT_EQ(vault_.old_kid(), 1);
  ASSERT_TRUE(log_in(k_));
  EXPECT_EQ(vault_.old_kid(), 1) << "nothing was sent under the second";
  ASSERT_TRUE(vault_.settle());
  EXPECT_EQ(vault_.old_kid(), 0);
}

TEST_F(VaultTest, ChangesItsKeyWhenTHasIt) {
  ASSERT_TRUE(log_in(k_));
  const Key32 next = next_of(k_);
  const auto size = vault_.rekey(room_);
  ASSERT_TRUE(size);
  EXPECT_EQ(check_rekey(HeldKey{kCrypto, next}, kRekeyMark, ByteView{room_}.first(*size)),
            Refusal::none);
  EXPECT_EQ(vault_.rekeyed(flipped(answer_with(next), 100)), Refusal::bad_tag);
  EXPECT_TRUE(vault_.is_rekeying());
  EXPECT_EQ(vault_.rekeyed(answer_with(next)), Refusal::none);
  EXPECT_FALSE(vault_.is_rekeying());
  EXPECT_TRUE(log_in(next));
  EXPECT_EQ(vault_.rekeyed(answer_with(next)), Refusal::malformed) << "nobody asked";
}

TEST_F(VaultTest, KeepsItsKeyIfTHasNotTheNext) {
  ASSERT_TRUE(log_in(k_));
  ASSERT_TRUE(vault_.rekey(room_));
  EXPECT_EQ(vault_.rekeyed(answer_with(k_)), Refusal::none);
  EXPECT_FALSE(vault_.is_rekeying());
  EXPECT_TRUE(log_in(k_));
}

// whatever T did with a request whose answer was lost
TEST_F(VaultTest, WithTwoKeysItComesInByThePresentOne) {
  ASSERT_TRUE(log_in(k_));
  ASSERT_TRUE(vault_.rekey(room_));
  EXPECT_TRUE(comes_in(k_));
  EXPECT_TRUE(vault_.is_rekeying()) << "T may have the next one by now";
}

TEST_F(VaultTest, WithTwoKeysItComesInByTheNextOne) {
  ASSERT_TRUE(log_in(k_));
  const Key32 next = next_of(k_);
  ASSERT_TRUE(vault_.rekey(room_));
  EXPECT_TRUE(comes_in(next));
  EXPECT_FALSE(vault_.is_rekeying()) << "proved by a handshake";
  EXPECT_TRUE(log_in(next));
}

// a first message under a key that is gone was repeated for ever
TEST_F(VaultTest, AnUnansweredFirstMessageDoesNotOutliveItsKey) {
  ASSERT_TRUE(log_in(k_));
  const Key32 next = next_of(k_);
  const Octets under_old = first_message();
  ASSERT_TRUE(vault_.rekey(room_));
  ASSERT_EQ(vault_.rekeyed(answer_with(next)), Refusal::none);
  EXPECT_NE(first_message(), under_old);
  EXPECT_TRUE(log_in(next));

  ASSERT_TRUE(vault_.rekey(room_));
  const Octets under_next = first_message();
  ASSERT_EQ(vault_.rekeyed(answer_with(next)), Refusal::none) << "T kept the present key";
  EXPECT_NE(first_message(), under_next);
  EXPECT_TRUE(log_in(next));
}

TEST_F(VaultTest, ADownEnvelopeOpensOnceAndUnderItsTopicAlone) {
  ASSERT_TRUE(log_in(k_));
  DirectionKey down;
  ASSERT_TRUE(derive(kCrypto, sk_, Direction::down, down));
  Bytes<64> wire{};
  const Header header{.flags = kSealed, .kid = kid_, .seq = 3, .card_counter = 0};
  const auto written = write_envelope(kCrypto, down, header, {.topic = bytes_of("n"), .props = {}},
                                      bytes_of("hi"), wire);
  ASSERT_TRUE(written);
  Bytes<16> plain{};
  EXPECT_EQ(vault_.open_down("m", *written, plain).why(), Refusal::bad_tag);
  EXPECT_EQ(vault_.open_down("n", *written, MutableBytes{plain}.first(1)).why(),
            Refusal::too_large);
  const auto opened = vault_.open_down("n", *written, plain);
  ASSERT_TRUE(opened);
  EXPECT_EQ(text_of(opened->payload), "hi");
  EXPECT_TRUE(opened->sealed);
  EXPECT_EQ(vault_.open_down("n", *written, plain).why(), Refusal::replayed);
}

/// The same with a registration, and the questions of T's second step.
class MfarVault : public VaultTest {
 protected:
  struct Asked {
    MfarResponder server;
    Octets q;
  };

  void ask(Asked& asked, std::string_view query) {
    const auto q = asked.server.ask(kCrypto, random_, Suite::symmetric, {}, ++kid_, query);
    ASSERT_TRUE(q);
    asked.q = octets(*q);
  }

  /// `a`, or nothing, and `why_`.
  Octets answer_to(const Octets& q) {
    const auto step = mfar_.take(q, room_);
    why_ = step.why();
    return step ? octets(ByteView{room_}.first(step->answer_bytes)) : Octets{};
  }

  /// T takes `a`: true if the device then has that session.
  bool comes_in_with(Asked& asked, const Octets& a) {
    if (asked.server.accept(kCrypto, k_, fields_, a) != Refusal::none) {
      return false;
    }
    const auto finished = asked.server.finish(kCrypto, {});
    const auto step = mfar_.take(*finished, room_);
    return step && step->finished && mfar_.kid() == asked.server.agreement().kid;
  }

  /// Asks again each time that the device was given up.
  bool comes_in(int tries) {
    for (; tries > 0; --tries) {
      Asked asked;
      ask(asked, "uuid;rotate(3)");
      if (comes_in_with(asked, answer_to(asked.q))) {
        sk_ = asked.server.agreement().sk;
        return true;
      }
      mfar_.give_up();
    }
    return false;
  }

  std::array<RegistrationField, 1> fields_{RegistrationField{"uuid", bytes_of("0123456789abcdef")}};
  Profile registered_{.identity = "mote-1",
                      .server_id = "plant",
                      .suite = Suite::symmetric,
                      .method = Method::mfar,
                      .password = bytes_of("a password"),
                      .fields = fields_};
  Refusal why_ = Refusal::none;
  Vault mfar_{{kCrypto, random_, keys_, numbers_, mac_, nobody_}, registered_};
};

TEST_F(MfarVault, ComesInWithEitherOfTheLastTwoQuestions) {
  Asked first;
  Asked second;
  ask(first, "uuid;flip");
  ask(second, "uuid;rotate(3)");
  const Octets a = answer_to(first.q);
  ASSERT_FALSE(answer_to(second.q).empty());
  EXPECT_TRUE(comes_in_with(first, a));
}

TEST_F(MfarVault, AQuestionWithoutAnAnswerCostsNoneOfTheLastTwo) {
  Asked first;
  Asked second;
  ask(first, "uuid;flip");
  ask(second, "uuid;rotate(3)");
  const Octets a = answer_to(first.q);
  const Octets other = answer_to(second.q);
  ASSERT_TRUE(!a.empty() && !other.empty());
  Asked nonsense;
  ask(nonsense, "serial;flip");
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(answer_to(nonsense.q).empty());
    EXPECT_EQ(why_, Refusal::bad_handshake) << "there is no such field";
    EXPECT_TRUE(answer_to(Octets(first.q.begin(), first.q.end() - 1)).empty());
    EXPECT_EQ(why_, Refusal::malformed);
  }
  EXPECT_EQ(answer_to(first.q), a);
  EXPECT_EQ(answer_to(second.q), other);
  EXPECT_TRUE(comes_in_with(second, other));
}

TEST_F(MfarVault, AThirdQuestionTakesThePlaceOfTheFirst) {
  std::array<Asked, 3> asked;
  std::array<Octets, 3> answers;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    ask(asked[i], "uuid;flip");
    answers[i] = answer_to(asked[i].q);
    ASSERT_FALSE(answers[i].empty());
  }
  EXPECT_EQ(answer_to(asked[1].q), answers[1]);
  EXPECT_EQ(answer_to(asked[2].q), answers[2]);
  EXPECT_NE(answer_to(asked[0].q), answers[0]) << "forgotten, so it is another question";
}

// the one repeated last was taken for the older of the two, and the other one was lost
TEST_F(MfarVault, AQuestionThatCameAgainIsTheLatest) {
  std::array<Asked, 3> asked;
  std::array<Octets, 3> answers;
  for (Asked& one : asked) {
    ask(one, "uuid;flip");
  }
  answers[0] = answer_to(asked[0].q);
  answers[1] = answer_to(asked[1].q);
  EXPECT_EQ(answer_to(asked[0].q), answers[0]);
  answers[2] = answer_to(asked[2].q);
  ASSERT_FALSE(answers[2].empty());
  EXPECT_EQ(answer_to(asked[0].q), answers[0]);
  EXPECT_TRUE(comes_in_with(asked[2], answers[2]));
}

// a request for another key whose answer was lost: whichever T has, it is proved in two tries
TEST_F(MfarVault, WithTwoKeysItProvesTheOtherOneNextTime) {
  ASSERT_TRUE(comes_in(1));
  Key32 next;
  ASSERT_TRUE(next_key(kCrypto, HeldKey{kCrypto, k_}, sk_, next));
  ASSERT_TRUE(mfar_.rekey(room_));
  EXPECT_TRUE(comes_in(2));
  EXPECT_TRUE(mfar_.is_rekeying()) << "T may have the next one by now";
  k_ = next;
  EXPECT_TRUE(comes_in(2));
  EXPECT_FALSE(mfar_.is_rekeying()) << "proved by a handshake";
  EXPECT_TRUE(comes_in(1));
}

}  // namespace
}  // namespace countersign::mcu
