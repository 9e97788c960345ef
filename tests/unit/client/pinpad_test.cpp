#include "countersign/client/card/pinpad.hpp"

#include <gmock/gmock.h>
#include <reader.h>
#include <winscard.h>

#include "countersign/client/card/apdu.hpp"
#include "countersign/client/card/card_key.hpp"
#include "unit/client/faulty_card.hpp"

namespace countersign::client {
namespace {

using countersign::test::from_hex;
using countersign::test::hex;
using countersign::test::Octets;
using test::FaultyTransport;
using test::ReaderScript;

constexpr std::uint32_t kVerifyCode = 0x42000DB2;

/// A reader with keys, and a person who types `typed` there.
struct Pinpad {
  std::string features = "060442000db2070442000db3";
  std::string typed = "1234";
  std::string answer;  ///< instead of the card's, e.g. 6401: the person gave up
  CardError failed = CardError::none;
  std::vector<std::string> structures;
};

class PinpadTransport final : public CardTransport {
 public:
  PinpadTransport(ReaderScript& script, Pinpad& pinpad) : card_{script}, pinpad_{pinpad} {}

  CardError list(std::vector<ReaderState>& out) override { return card_.list(out); }
  CardError connect(const std::string& reader) override { return card_.connect(reader); }
  CardError reconnect() override { return card_.reconnect(); }
  CardError begin() override { return card_.begin(); }
  void end() override { card_.end(); }
  void disconnect(bool reset) override { card_.disconnect(reset); }
  CardError transmit(ByteView command, std::vector<std::byte>& answer) override {
    return card_.transmit(command, answer);
  }

  CardError control(std::uint32_t code, ByteView command, std::vector<std::byte>& answer) override {
    if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
      answer = from_hex(pinpad_.features);
      return pinpad_.features.empty() ? CardError::refused : CardError::none;
    }
    EXPECT_EQ(code, kVerifyCode);
    pinpad_.structures.push_back(hex(command));
    if (pinpad_.failed != CardError::none) {
      return pinpad_.failed;
    }
    if (!pinpad_.answer.empty()) {
      answer = from_hex(pinpad_.answer);
      return CardError::none;
    }
    // the reader puts the length and the PIN behind the four bytes that it was given
    const Apdu verify{kVerify, bytes_of(pinpad_.typed)};
    return card_.transmit(verify.bytes(), answer);
  }

 private:
  FaultyTransport card_;
  Pinpad& pinpad_;
};

class APinpad : public testing::Test {
 protected:
  Card open() {
    auto card = Card::open(std::make_unique<PinpadTransport>(script, pinpad), "reader");
    EXPECT_TRUE(card) << card.why().text;
    return std::move(*card);
  }

  ReaderScript script;
  Pinpad pinpad;
};

/// PC/SC, part 10, section 2.5.2, byte by byte.
TEST_F(APinpad, IsToldExactlyHowToAsk) {
  Card card = open();
  EXPECT_TRUE(card.verify(Pin::at_reader()));
  EXPECT_EQ(pinpad.structures, std::vector<std::string>{"1e"        // 30 s before the first key
                                                        "1e"        // 30 s behind it
                                                        "82"        // ASCII, in bytes, offset 0
                                                        "00"        // no block
                                                        "00"        // no length in it
                                                        "1004"      // 4 to 16 digits
                                                        "02"        // ended by the OK key
                                                        "01"        // one message
                                                        "0904"      // in English
                                                        "00"        // its number
                                                        "000000"    // T=1 prologue
                                                        "04000000"  // bytes that follow
                                                        "00200081"});
}

TEST_F(APinpad, IsFoundByItsFeature) {
  EXPECT_TRUE(open().has_pinpad());
  for (const char* features : {"",
                               "0704"
                               "42000db3",
                               "06",
                               "0603"
                               "42000d",
                               "06044200", "0604"}) {
    pinpad.features = features;
    EXPECT_FALSE(open().has_pinpad()) << features;
  }
}

TEST_F(APinpad, GivesAHandshakeKeyInOneTransaction) {
  Card card = open();
  script.log.clear();
  const auto key = card.handshake_key("plant-a", Pin::at_reader());
  ASSERT_TRUE(key) << key.why().text;
  EXPECT_EQ(script.log, (std::vector<std::string>{"a4", "ca", "20", "88"}));
  EXPECT_EQ(script.open_transactions, 0);
}

TEST_F(APinpad, CountsWrongPinsInTheSameWords) {
  pinpad.typed = "9999";
  Card card = open();
  EXPECT_EQ(card.verify(Pin::at_reader()).why().text, "wrong PIN, 2 tries left");
  EXPECT_EQ(card.verify(Pin::at_reader()).why().text, "wrong PIN, 1 try left");
  EXPECT_EQ(card.verify(Pin::at_reader()).why().text, "the PIN is blocked");
}

TEST_F(APinpad, IsNotAskedForTheLastTryUnasked) {
  script.tries = 1;
  Card card = open();
  EXPECT_FALSE(card.handshake_key("plant-a", Pin::at_reader(), 2));
  EXPECT_EQ(card.last_failure().what, CardError::last_try);
  EXPECT_TRUE(pinpad.structures.empty());
}

TEST_F(APinpad, SaysThatNobodyTyped) {
  for (const char* status : {"6400", "6401", "6403"}) {
    pinpad.answer = status;
    Card card = open();
    EXPECT_EQ(card.verify(Pin::at_reader()).why().text, "no PIN was typed at the reader") << status;
  }
  EXPECT_EQ(script.tries, 3);
}

TEST_F(APinpad, IsNotAskedAgainAfterAnUnclearAnswer) {
  for (const CardError failed : {CardError::reset, CardError::no_card, CardError::no_service}) {
    pinpad.failed = failed;
    pinpad.structures.clear();
    Card card = open();
    EXPECT_FALSE(card.verify(Pin::at_reader()));
    EXPECT_EQ(pinpad.structures.size(), 1U);
  }
  pinpad.failed = CardError::none;
  for (const char* answer : {"90", "900000"}) {
    pinpad.answer = answer;
    Card card = open();
    EXPECT_FALSE(card.verify(Pin::at_reader())) << "half an answer is none";
  }
}

TEST_F(APinpad, MissingIsSaid) {
  pinpad.features = "";
  Card card = open();
  EXPECT_EQ(card.verify(Pin::at_reader()).why().text, "this reader has no keys to type a PIN with");
}

TEST_F(APinpad, CannotTakeANewPin) {
  Card card = open();
  const LockedKey key;
  EXPECT_FALSE(card.personalise(key, {.identity = Identity{"mote-3"},
                                      .key = key,
                                      .pin = Pin::at_reader(),
                                      .puk = *Pin::from("12345678"),
                                      .issuer_key = key}));
}

TEST_F(APinpad, IsAskedForEachKeyAndTellsWhoAsks) {
  std::vector<PinRequest> asked;
  auto key = CardKey::open(open(), [&](const PinRequest& request) {
    asked.push_back(request);
    return Outcome<Pin>{Pin::at_reader()};
  });
  ASSERT_TRUE(key);
  EXPECT_TRUE((*key)->next_handshake_key("plant-a"));
  EXPECT_TRUE((*key)->next_handshake_key("plant-a"));
  ASSERT_EQ(asked.size(), 2U) << "this host has nothing to remember";
  EXPECT_TRUE(asked[0].pinpad);
  EXPECT_EQ(pinpad.structures.size(), 2U);
}

}  // namespace
}  // namespace countersign::client
