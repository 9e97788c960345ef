#include "countersign/client/session/outbox.hpp"

#include <gtest/gtest.h>

namespace countersign::client {
namespace {

constexpr Millis kPatience = 10'000;
constexpr int kDenied = 0x87;

class AnOutbox : public testing::Test {
 protected:
  explicit AnOutbox(bool acks_tell = true) : outbox{acks_tell} {}

  /// A letter that has left as seq `seq` of session `kid`.
  Ticket leave(std::uint32_t seq, bool confirm = false, std::uint16_t kid = 1) {
    Letter letter;
    letter.topic = "t";
    letter.options.confirm = confirm;
    letter.done = [this](const Outcome<Published>& outcome) { outcomes.push_back(outcome); };
    const Ticket ticket = outbox.add(std::move(letter));
    send(ticket, seq, kid);
    return ticket;
  }

  void send(Ticket ticket, std::uint32_t seq, std::uint16_t kid = 1, Millis now = 0) {
    outbox.find(ticket)->kid = kid;
    outbox.find(ticket)->wire.seq = seq;
    outbox.left(ticket, now, kPatience);
  }

  static Receipt receipt(std::uint16_t kid, std::initializer_list<std::uint32_t> seqs) {
    Receipt out{.kid = kid, .accepted = {}};
    for (const std::uint32_t seq : seqs) {
      out.accepted.add(seq);
    }
    return out;
  }

  Outbox outbox;
  std::vector<Outcome<Published>> outcomes;
};

class AnOutboxOf311 : public AnOutbox {
 protected:
  AnOutboxOf311() : AnOutbox{false} {}
};

TEST_F(AnOutbox, BelievesTheReasonCodesOfMqtt5) {
  outbox.acknowledged(leave(7), 0, 0);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(outcomes[0]->accepted);
  EXPECT_EQ(outcomes[0]->seq, 7U);
  EXPECT_EQ(outbox.size(), 0U);
}

TEST_F(AnOutbox, NamesARefusalWhetherNoticeOrAcknowledgementComesFirst) {
  outbox.acknowledged(leave(7), kDenied, 0);
  EXPECT_TRUE(outcomes.empty()) << "the notice says why";
  EXPECT_EQ(outbox.noticed(1, {Refusal::out_of_range, 7}), Outbox::Consequence::settled);
  const Ticket second = leave(8);
  static_cast<void>(outbox.noticed(1, {Refusal::denied, 8}));
  EXPECT_EQ(outcomes.size(), 1U);
  outbox.acknowledged(second, kDenied, 0);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].why().why, Refusal::out_of_range);
  EXPECT_EQ(outcomes[1].why().why, Refusal::denied);
  EXPECT_EQ(outcomes[1].why().fault, Fault::refused);
}

TEST_F(AnOutbox, AsksForAReceiptWhenARefusalStaysUnexplained) {
  outbox.acknowledged(leave(7), kDenied, 0);
  EXPECT_FALSE(outbox.wants_receipt(999));
  EXPECT_TRUE(outbox.wants_receipt(1'000));
  outbox.asked_receipt(1'000, kPatience);
  outbox.received(receipt(1, {7, 8}));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(outcomes[0]->accepted) << "it was a retransmission";
}

TEST_F(AnOutbox, TakesADuplicateForSuccess) {
  static_cast<void>(leave(7));
  EXPECT_EQ(outbox.noticed(1, {Refusal::duplicate, 7}), Outbox::Consequence::settled);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_TRUE(outcomes[0]->accepted);
}

TEST_F(AnOutbox, SignsAnewWhatEnforcementRefused) {
  const Ticket ticket = leave(7);
  EXPECT_EQ(outbox.noticed(1, {Refusal::enforcement, 7}), Outbox::Consequence::renew);
  EXPECT_EQ(outbox.next(), ticket);
  EXPECT_EQ(outbox.find(ticket)->kid, 0) << "a new seq under the new kid";
  outbox.acknowledged(ticket, kDenied, 0);
  EXPECT_EQ(outbox.next(), ticket) << "the old acknowledgement means nothing";
  send(ticket, 1, 2);
  outbox.acknowledged(ticket, 0, 0);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0]->attempts, 2);
  EXPECT_EQ(outcomes[0]->kid, 2);
}

TEST_F(AnOutbox, SignsAnewOnlySoOften) {
  const Ticket ticket = leave(1);
  for (std::uint16_t kid = 1; kid < 20 && outbox.size() > 0; ++kid) {
    if (kid > 1) {
      send(ticket, 1, kid);
    }
    static_cast<void>(outbox.noticed(kid, {Refusal::enforcement, 1}));
    outbox.acknowledged(ticket, kDenied, 0);
  }
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].why().why, Refusal::enforcement);
}

TEST_F(AnOutbox, SendsTheSameBytesAgainOnANewConnection) {
  const Ticket ticket = leave(7);
  outbox.connection_ended();
  EXPECT_EQ(outbox.next(), ticket);
  EXPECT_EQ(outbox.find(ticket)->kid, 1);
  EXPECT_EQ(outbox.find(ticket)->wire.seq, 7U);
  send(ticket, 7);
  static_cast<void>(outbox.noticed(1, {Refusal::replayed, 7}));
  EXPECT_TRUE(outbox.wants_receipt(0)) << "one of the copies came first: was it taken?";
}

TEST_F(AnOutbox, BelievesTheFinalReceiptOfAClosedSession) {
  const Ticket lost = leave(7);
  static_cast<void>(leave(8));
  outbox.connection_ended();
  EXPECT_TRUE(outbox.has_unsettled(1));
  outbox.closed(receipt(1, {6, 8}));
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0]->seq, 8U);
  EXPECT_EQ(outbox.next(), lost);
  EXPECT_EQ(outbox.find(lost)->kid, 0);
}

TEST_F(AnOutbox, LeavesNoMoreUnderWayThanTheBrokerRemembers) {
  for (std::uint32_t seq = 1; seq <= 24; ++seq) {
    static_cast<void>(leave(seq));
  }
  const Ticket last = outbox.add({});
  EXPECT_EQ(outbox.next(), 0U);
  outbox.acknowledged(3, 0, 0);
  EXPECT_EQ(outbox.next(), last);
}

TEST_F(AnOutbox, EndsWhatGetsNoAnswer) {
  static_cast<void>(leave(7));
  outbox.expire(kPatience - 1);
  EXPECT_TRUE(outcomes.empty());
  outbox.expire(kPatience);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].why().fault, Fault::network);
}

TEST_F(AnOutboxOf311, KnowsThatAnAcknowledgementIsNoAcceptance) {
  outbox.acknowledged(leave(7), 0, 0);
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_FALSE(outcomes[0]->accepted);
}

TEST_F(AnOutboxOf311, ConfirmsByReceipt) {
  outbox.acknowledged(leave(7, true), 0, 0);
  outbox.acknowledged(leave(8, true), 0, 0);
  EXPECT_TRUE(outcomes.empty());
  ASSERT_TRUE(outbox.wants_receipt(0));
  outbox.asked_receipt(0, kPatience);
  outbox.received(receipt(1, {6}));
  EXPECT_TRUE(outcomes.empty()) << "a receipt from before says nothing of them";
  outbox.received(receipt(1, {7, 9}));
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_TRUE(outcomes[0]->accepted);
  EXPECT_FALSE(outcomes[1]);
}

TEST_F(AnOutboxOf311, BringsBackWhatWasSettledAndRefusedAfterAll) {
  outbox.acknowledged(leave(7), 0, 0);
  EXPECT_EQ(outbox.next(), 0U);
  EXPECT_EQ(outbox.noticed(1, {Refusal::enforcement, 7}), Outbox::Consequence::renew);
  EXPECT_NE(outbox.next(), 0U);
  EXPECT_EQ(outcomes.size(), 1U) << "its sender was told once";
}

TEST_F(AnOutboxOf311, TellsNobodyOfANoticeForAStranger) {
  EXPECT_EQ(outbox.noticed(1, {Refusal::denied, 99}), Outbox::Consequence::unknown);
}

}  // namespace
}  // namespace countersign::client
