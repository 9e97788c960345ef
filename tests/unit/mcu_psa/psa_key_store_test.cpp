#include "vault/key_store.hpp"

#include <gtest/gtest.h>

#include <set>

#include "openssl/crypto.hpp"
#include "unit/mcu_psa/mortal_flash.hpp"
#include "unit/octets.hpp"
#include "vault/command_desk.hpp"

namespace countersign::mcu::test {
namespace {

using host::kTears;
using host::Tear;
using host::TornFlash;

constexpr std::string_view kDevice = "mote-3";
constexpr std::string_view kServer = "broker.plant-1";
const Key32 kKey{Bytes<32>{std::byte{0x01}, std::byte{0x0D}}};
const Key32 kNext{Bytes<32>{std::byte{0xEE}}};
const Bytes<kSeedBytes> kSeed{std::byte{0x5E}};
const Bytes<2> kBoard{std::byte{0xB0}, std::byte{0xA4}};
const std::array<Key32, 2> kCommandKeys{Key32{Bytes<32>{std::byte{1}}},
                                        Key32{Bytes<32>{std::byte{2}}}};
const FirstSecrets kFirst{.key = kKey, .seed = kSeed, .commanders = kCommandKeys};

TEST(KeyStore, GivesNoNumberTwiceWhereverThePowerGoes) {
  for (const Tear tear : kTears) {
    bool through = false;
    for (std::uint64_t cut = 1; !through; ++cut) {
      TornFlash flash{2, static_cast<std::uint32_t>(cut)};
      std::set<std::uint32_t> epochs;
      std::set<std::uint32_t> numbers;
      std::set<std::uint32_t> boots;
      for (int start = 0; start < 4; ++start) {
        flash.cut_at(start == 1 ? cut : 0, tear);
        MortalFlash mortal{flash};
        KeyStore store{mortal, 0};
        const bool open = store.open(&kFirst, kBoard);
        ASSERT_TRUE(open || mortal.dead());
        CommandResponder responder{{}, {}};
        Numbers& given = store.parts(responder).numbers;
        ASSERT_TRUE(!open || boots.insert(store.numbers().boot()).second);
        for (int i = 0; i < 10; ++i) {
          const auto epoch = given.next_epoch();
          const auto number = given.next_message(i == 5 ? given.upcoming() + 100 : 0);
          EXPECT_TRUE(!epoch || epochs.insert(*epoch).second);
          EXPECT_TRUE(!number || numbers.insert(*number).second);
        }
        through = start == 1 && !mortal.dead() ? true : through;
      }
      EXPECT_EQ(epochs.contains(1), true);
    }
  }
}

/// The first message of a board with this flash.
std::string first_message(TornFlash& flash, ByteView board) {
  KeyStore store{flash, 0};
  if (!store.open(&kFirst, board)) {
    return "closed";
  }
  CommandResponder none{{}, {}};
  Profile profile;
  profile.identity = kDevice;
  profile.server_id = kServer;
  Vault vault{store.parts(none), profile};
  Bytes<512> room{};
  const auto size = vault.begin(room);
  return size ? countersign::test::hex(ByteView{room}.first(*size)) : "none";
}

TEST(KeyStore, ACopyOfTheFlashOnAnotherBoardSendsAnotherFirstMessage) {
  TornFlash original{2};
  ASSERT_EQ(first_message(original, kBoard).find("11"), 0U);
  TornFlash copy{2};
  TornFlash twin{2};
  copy.image() = original.image();
  twin.image() = original.image();
  const Bytes<2> other{std::byte{0xB0}, std::byte{0xA5}};
  const std::string sent = first_message(original, kBoard);
  EXPECT_EQ(first_message(twin, kBoard), sent) << "T would take it for a repetition";
  EXPECT_NE(first_message(copy, other), sent);
}

TEST(KeyStore, DoesNotOpenForABoardThatCannotBeToldFromOthers) {
  TornFlash flash{2};
  KeyStore store{flash, 0};
  EXPECT_FALSE(store.open(&kFirst, {}));
}

TEST(KeyStore, RemembersTheKidOfTheLastReadings) {
  TornFlash flash{2};
  CommandResponder none{{}, {}};
  {
    KeyStore store{flash, 0};
    ASSERT_TRUE(store.open(&kFirst, kBoard));
    Numbers& numbers = store.parts(none).numbers;
    EXPECT_EQ(numbers.last_kid(), 0);
    ASSERT_TRUE(numbers.note_kid(300));
    EXPECT_EQ(numbers.last_kid(), 300);
  }
  KeyStore store{flash, 0};
  ASSERT_TRUE(store.open(nullptr, kBoard));
  EXPECT_EQ(store.numbers().last_kid(), 300);
}

TEST(KeyStore, TellsTheLastNumberFromAFlashThatFails) {
  TornFlash flash{2};
  KeyStore store{flash, 0};
  ASSERT_TRUE(store.open(&kFirst, kBoard));
  CommandResponder none{{}, {}};
  Numbers& numbers = store.parts(none).numbers;
  ASSERT_EQ(*numbers.next_message(kMaxVbi), kMaxVbi);
  EXPECT_EQ(numbers.next_message(0).why(), Refusal::expired);
  flash.fail_at(1);
  EXPECT_EQ(numbers.next_epoch().why(), Refusal::internal);
}

TEST(KeyStore, ObeysItsCommandersAfterEachStart) {
  const openssl::OpenSslCrypto crypto;
  openssl::OpenSslRandom random;
  const std::array<std::string_view, 2> names{"gateway", "operator"};
  const std::array<std::string_view, 2> words{"pause", "resume"};
  TornFlash flash{2};
  for (const FirstSecrets* const first : {&kFirst, static_cast<const FirstSecrets*>(nullptr)}) {
    KeyStore store{flash, 0};
    ASSERT_TRUE(store.open(first, kBoard));
    ASSERT_EQ(store.commanders().size(), names.size());
    CommandDesk desk{store.commanders(), kDevice, names, words};
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto challenge = desk.responder().challenge(store.random(), 0);
      ASSERT_TRUE(challenge);
      CommandKey key;
      ASSERT_TRUE(derive_command_key(crypto, kCommandKeys[i], kDevice, names[i], key));
      CommandInitiator commander;
      const auto message = commander.command(crypto, random, key, *challenge, "resume");
      ASSERT_TRUE(message);
      const auto taken = desk.responder().take(store.crypto(), *message, 1);
      ASSERT_TRUE(taken);
      EXPECT_EQ(taken->commander, i);
      EXPECT_EQ(taken->command, 1U);
    }
  }
}

TEST(KeyStore, TakesNoMoreCommandersThanItHasRoomFor) {
  TornFlash flash{2};
  const std::array<Key32, mcu::kMaxCommanders + 1> many{};
  const FirstSecrets first{.key = kKey, .seed = kSeed, .commanders = many};
  KeyStore store{flash, 0};
  EXPECT_FALSE(store.open(&first, kBoard));
}

/// T, with another implementation of everything that computes.
class Server {
 public:
  /// \returns the kid of the session, 0 if there is none.
  std::uint16_t log_in(Vault& vault, const Key32& k) {
    Bytes<512> room{};
    const auto m1 = vault.begin(room);
    const auto first = parse_first(ByteView{room}.first(m1 ? *m1 : 0));
    AplusResponder responder;
    if (!first || responder.open(crypto_, k, *first) != Refusal::none) {
      return 0;
    }
    const auto m2 = responder.answer(crypto_, random_, AuthCode{std::byte{1}}, ++kid_);
    const auto m3 = vault.take(*m2, room);
    if (!m3 || responder.accept(crypto_, ByteView{room}.first(m3->answer_bytes)) != Refusal::none) {
      return 0;
    }
    const auto finished = responder.finish(crypto_, {});
    const auto done = vault.take(*finished, room);
    sk_ = responder.agreement().sk;
    return done && done->finished ? vault.kid() : std::uint16_t{0};
  }

  [[nodiscard]] bool accepts(std::string_view topic, ByteView wire) {
    DirectionKey up;
    const auto claim = parse_envelope(wire);
    return claim && derive(crypto_, sk_, Direction::up, up) &&
           verify(HeldKey{crypto_, up.mac}, *claim, {.topic = bytes_of(topic), .props = {}}) ==
               Refusal::none;
  }

 private:
  openssl::OpenSslCrypto crypto_;
  openssl::OpenSslRandom random_;
  Key32 sk_;
  std::uint16_t kid_ = 7;
};

class VaultOnPsa : public testing::TestWithParam<Suite> {};

TEST_P(VaultOnPsa, LogsInChangesItsKeyAndSigns) {
  TornFlash flash{2};
  KeyStore store{flash, 0};
  ASSERT_TRUE(store.open(&kFirst, kBoard));
  CommandResponder none{{}, {}};
  Profile profile;
  profile.identity = kDevice;
  profile.server_id = kServer;
  profile.suite = GetParam();
  Vault vault{store.parts(none), profile};
  Server server;
  ASSERT_EQ(server.log_in(vault, kKey), 8);
  ASSERT_TRUE(store.device_key().store_next(kNext));
  ASSERT_EQ(server.log_in(vault, kNext), 9);
  EXPECT_EQ(store.device_key().next(), nullptr) << "it has proved itself";

  Bytes<100> room{};
  const auto number = vault.next_reading();
  ASSERT_TRUE(number);
  const Order order{.seq = *number, .flags = 0, .topic = "t", .payload = bytes_of("21.5")};
  const auto wire = vault.sign(order, room);
  ASSERT_TRUE(wire);
  EXPECT_TRUE(server.accepts("t", *wire));
  EXPECT_FALSE(server.accepts("u", *wire));
}

INSTANTIATE_TEST_SUITE_P(BothSuites, VaultOnPsa, testing::Values(Suite::x25519, Suite::symmetric));

}  // namespace
}  // namespace countersign::mcu::test
