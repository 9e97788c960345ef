#include "countersign/client/card/card_session.hpp"

#include <gmock/gmock.h>

#include "unit/client/faulty_card.hpp"

namespace countersign::client {
namespace {

using test::FaultyTransport;
using test::ReaderScript;
using testing::HasSubstr;

class ACard : public testing::Test {
 protected:
  Outcome<Card> open() { return Card::open(std::make_unique<FaultyTransport>(script), "reader"); }

  /// An opened card; the log begins behind it.
  Card opened() {
    auto card = open();
    EXPECT_TRUE(card) << card.why().text;
    script.log.clear();
    return std::move(*card);
  }

  [[nodiscard]] int count(const std::string& what) const {
    return static_cast<int>(std::count(script.log.begin(), script.log.end(), what));
  }

  ReaderScript script;
  Pin pin = std::move(*Pin::from("1234"));
  Pin wrong = std::move(*Pin::from("9999"));
};

TEST_F(ACard, TellsWhatItIs) {
  Card card = opened();
  const auto info = card.info();
  ASSERT_TRUE(info) << info.why().text;
  EXPECT_EQ(hex_of(info->uid), "0102030405060708");
  EXPECT_EQ(info->identity.text(), "mote-3");
  EXPECT_EQ(info->life_cycle, LifeCycle::active);
  EXPECT_EQ(info->pin_tries, 3);
  EXPECT_EQ(info->puk_tries, 5);
  EXPECT_EQ(info->epoch, 4U);
}

TEST_F(ACard, GivesAHandshakeKeyInOneTransaction) {
  Card card = opened();
  const auto key = card.handshake_key("plant-a", pin);
  ASSERT_TRUE(key) << key.why().text;
  EXPECT_EQ(key->epoch, 5U);
  EXPECT_EQ(script.open_transactions, 0);
  EXPECT_EQ(script.log, (std::vector<std::string>{"a4", "ca", "20", "88"}));
}

TEST_F(ACard, SaysInWordsHowManyTriesAreLeft) {
  Card card = opened();
  EXPECT_EQ(card.verify(wrong).why().text, "wrong PIN, 2 tries left");
  const auto second = card.verify(wrong);
  EXPECT_EQ(second.why().text, "wrong PIN, 1 try left");
  EXPECT_THAT(second.why().hint, HasSubstr("blocks the card"));
  const auto third = card.verify(wrong);
  EXPECT_EQ(third.why().text, "the PIN is blocked");
  EXPECT_THAT(third.why().hint, HasSubstr("unblock"));
  EXPECT_EQ(third.why().fault, Fault::card);
}

TEST_F(ACard, IsTakenUpAgainOnceAfterSomebodyElseResetIt) {
  Card card = opened();
  script.on_begin = {CardError::reset};
  EXPECT_TRUE(card.handshake_key("plant-a", pin));
  EXPECT_EQ(count("reconnect"), 1);
  script.reset_at_instruction = 0x88;
  EXPECT_TRUE(card.handshake_key("plant-a", pin)) << "in the middle, the PIN known to be right";
}

TEST_F(ACard, GivesUpWhenItIsResetAgainAndAgain) {
  Card card = opened();
  script.on_begin = {CardError::reset, CardError::reset, CardError::reset, CardError::reset};
  const auto key = card.handshake_key("plant-a", pin);
  ASSERT_FALSE(key);
  EXPECT_EQ(count("20"), 0);
}

TEST_F(ACard, NeverGetsAPinTwiceAfterAnUnclearAnswer) {
  for (const bool card_saw_it : {false, true}) {
    script = {};
    script.run_before_reset = card_saw_it;
    Card card = opened();
    script.reset_at_instruction = 0x20;
    EXPECT_FALSE(card.handshake_key("plant-a", wrong));
    EXPECT_EQ(count("20"), 1) << "a second VERIFY could spend a second try";
    EXPECT_EQ(script.tries, card_saw_it ? 2 : 3);
  }
}

TEST_F(ACard, IsNotSentTheLastTryThatNobodyDecidedToSpend) {
  Card card = opened();
  script.tries = 1;
  EXPECT_FALSE(card.change_pin(wrong, pin, 2));
  EXPECT_EQ(card.last_failure().what, CardError::last_try);
  EXPECT_FALSE(card.handshake_key("plant-a", wrong, 2));
  EXPECT_EQ(count("24") + count("20"), 0);
  const auto puk = std::move(*Pin::from("12345678"));
  script.puk_tries = 1;
  EXPECT_EQ(card.unblock(puk, pin, 2).why().text, "only one try is left for the PUK");
  EXPECT_EQ(count("2c"), 0);
}

TEST_F(ACard, TreatsSuccessWithoutAnAnswerAsACardThatIsGone) {
  for (const int ins : {0xA4, 0xCA, 0x20, 0x88}) {
    script = {};
    Card card = opened();
    script.cut_at_instruction = ins;
    const auto key = card.handshake_key("plant-a", pin);
    ASSERT_FALSE(key) << ins;
    EXPECT_EQ(key.why().text, "no card in the reader");
    EXPECT_EQ(script.open_transactions, 0);
    EXPECT_TRUE(card.handshake_key("plant-a", pin)) << "and it can be put back";
  }
}

TEST_F(ACard, NoticesThatAnotherOneIsInTheReader) {
  Card card = opened();
  script.uid = "ffffffffffffffff";
  script.on_begin = {CardError::reset};
  const auto key = card.handshake_key("plant-a", pin);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.why().text, "another card is in the reader now");
  EXPECT_EQ(count("20"), 0) << "the other card's tries are not ours to spend";
}

TEST_F(ACard, WaitsForAServiceThatIsJustStarting) {
  script.on_connect = {CardError::no_service, CardError::no_service};
  EXPECT_TRUE(open());
  script.on_connect.assign(20, CardError::no_service);
  const auto card = open();
  ASSERT_FALSE(card);
  EXPECT_EQ(card.why().hint, "start pcscd");
}

TEST_F(ACard, IsReadInPartsWhereTheProtocolWantsIt) {
  script.answers_in_parts = true;
  Card card = opened();
  const auto key = card.handshake_key("plant-a", pin);
  ASSERT_TRUE(key) << key.why().text;
  EXPECT_EQ(key->hk.bytes()[31], std::byte{0x5A});
}

TEST_F(ACard, OfAnotherKindOrVersionIsNotOurs) {
  script.version = "0200";
  EXPECT_EQ(open().why().text, "this is no Countersign card");
}

TEST_F(ACard, IsResetAtTheEndOnlyIfAPinWasSent) {
  { Card card = opened(); }
  EXPECT_EQ(count("disconnect with reset"), 0);
  {
    Card card = opened();
    EXPECT_TRUE(card.verify(pin));
  }
  EXPECT_EQ(count("disconnect with reset"), 1);
}

TEST(Apdu, IsShortAndExact) {
  using countersign::test::hex;
  EXPECT_EQ(hex(Apdu{kVerify}.bytes()), "00200081");
  EXPECT_EQ(hex(Apdu{kVerify, bytes_of("1234")}.bytes()), "002000810431323334");
  EXPECT_EQ(hex(Apdu{get_data(4), {}, std::uint8_t{0}}.bytes()), "00cadf0400");
  EXPECT_FALSE(Apdu(kPersonalise, std::vector<std::byte>(256)).ok());
  EXPECT_TRUE(Apdu(kPersonalise, std::vector<std::byte>(255)).ok());
}

TEST(FindObject, RefusesWhatIsNotWellFormed) {
  using countersign::test::from_hex;
  const auto objects = from_hex("8001aa8102bbcc");
  EXPECT_EQ(countersign::test::hex(*find_object(objects, 0x81)), "bbcc");
  EXPECT_FALSE(find_object(objects, 0x82));
  EXPECT_FALSE(find_object(from_hex("8005aa"), 0x80));
  EXPECT_FALSE(find_object(from_hex("80"), 0x80));
  EXPECT_FALSE(find_object({}, 0x80));
}

}  // namespace
}  // namespace countersign::client
