#include "countersign/client/card/card_key.hpp"

#include <gtest/gtest.h>

#include "unit/client/faulty_card.hpp"

namespace countersign::client {
namespace {

using test::FaultyTransport;
using test::ReaderScript;

class ACardKey : public testing::Test {
 protected:
  std::unique_ptr<CardKey> open() {
    auto card = Card::open(std::make_unique<FaultyTransport>(script), "reader");
    EXPECT_TRUE(card);
    auto key = CardKey::open(std::move(*card), [this](const PinRequest& request) {
      asked.push_back(request);
      EXPECT_EQ(script.open_transactions, 0) << "nobody waits for a person in a transaction";
      if (answers.empty()) {
        return Outcome<Pin>{Error{Fault::card, "nobody there"}};
      }
      const std::string answer = answers.front();
      answers.pop_front();
      return Pin::from(answer);
    });
    return key ? std::move(*key) : nullptr;
  }

  ReaderScript script;
  std::deque<std::string> answers;
  std::vector<PinRequest> asked;
};

TEST_F(ACardKey, AsksForThePinOnce) {
  answers = {"1234"};
  const auto key = open();
  ASSERT_TRUE(key->next_handshake_key("plant-a"));
  ASSERT_TRUE(key->next_handshake_key("plant-a"));
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].identity, "mote-3");
  EXPECT_EQ(asked[0].card, "0102030405060708");
  EXPECT_EQ(asked[0].tries_left, 3);
  EXPECT_FALSE(asked[0].again);
}

TEST_F(ACardKey, AsksAgainAfterAWrongPinAndSaysSo) {
  answers = {"0000", "1111", "1234"};
  const auto key = open();
  EXPECT_TRUE(key->next_handshake_key("plant-a"));
  ASSERT_EQ(asked.size(), 3U);
  EXPECT_TRUE(asked[1].again);
  EXPECT_EQ(asked[1].tries_left, 2);
  EXPECT_EQ(asked[2].tries_left, 1) << "before the last try";
}

TEST_F(ACardKey, NeverSendsARememberedPinWhenOneTryIsLeft) {
  answers = {"1234"};
  const auto key = open();
  ASSERT_TRUE(key->next_handshake_key("plant-a"));
  script.tries = 1;  // somebody else tried
  script.log.clear();
  EXPECT_FALSE(key->next_handshake_key("plant-a"));
  EXPECT_EQ(std::count(script.log.begin(), script.log.end(), "20"), 0);
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[1].tries_left, 1);
  answers = {"1234"};
  EXPECT_TRUE(key->next_handshake_key("plant-a")) << "a person decided";
}

TEST_F(ACardKey, DoesNotAskForThePinOfABlockedCard) {
  script.tries = 0;
  answers = {"1234"};
  const auto key = open();
  const auto got = key->next_handshake_key("plant-a");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.why().text, "the PIN is blocked");
  EXPECT_TRUE(asked.empty());
}

TEST_F(ACardKey, ForgetsAPinWhoseFateIsUnclear) {
  answers = {"1234", "1234"};
  const auto key = open();
  script.reset_at_instruction = 0x20;
  EXPECT_FALSE(key->next_handshake_key("plant-a"));
  EXPECT_TRUE(key->next_handshake_key("plant-a"));
  EXPECT_EQ(asked.size(), 2U);
}

TEST_F(ACardKey, IsOnlyOfACardThatIsActive) {
  script.life_cycle = "01";
  EXPECT_EQ(open(), nullptr);
  script.life_cycle = "04";
  EXPECT_EQ(open(), nullptr);
}

}  // namespace
}  // namespace countersign::client
