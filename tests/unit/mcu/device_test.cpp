#include "core/device.hpp"

#include <gtest/gtest.h>

#include "unit/mcu/device_scene.hpp"

/// What a device does with its readings and its numbers. How it connects: device_login_test.cpp;
/// what it does when it cannot: device_fault_test.cpp.
namespace countersign::mcu {
namespace {

using test::DeviceScene;
using test::Said;
using What = DeviceEvent::What;
using Numbers32 = std::vector<std::uint32_t>;

class DeviceTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(scene.ready); }
  void TearDown() override { EXPECT_EQ(scene.t.odd, std::vector<std::string>{}); }

  DeviceScene scene;
};

TEST_F(DeviceTest, SendsWhatItRecordedInOrder) {
  Numbers32 numbers = scene.record_some(3);
  ASSERT_TRUE(scene.log_in());
  const Numbers32 later = scene.record_some(20);
  numbers.insert(numbers.end(), later.begin(), later.end());
  scene.settle();
  EXPECT_EQ(scene.t.readings(), numbers);
  for (const Said& one : scene.t.said) {
    EXPECT_EQ(one.kid, scene.t.kid());
    EXPECT_EQ(one.qos, one.topic == kAuthTopic ? 0 : 1);
  }
}

TEST_F(DeviceTest, OnlyAReceiptTakesAReadingOutOfTheRing) {
  const Numbers32 numbers = scene.record_some(3);
  scene.t.gives_receipts = false;
  ASSERT_TRUE(scene.log_in());
  scene.pass(4'900);
  EXPECT_EQ(scene.waiting(), numbers) << "a PUBACK is no receipt";
  EXPECT_EQ(scene.t.count(kReceiptRequestMark), 0);
  scene.t.gives_receipts = true;
  scene.pass(200);
  EXPECT_EQ(scene.t.count(kReceiptRequestMark), 1);
  EXPECT_EQ(scene.waiting(), Numbers32{});
}

TEST_F(DeviceTest, AReceiptTakesOutWhatItHoldsAndNoMore) {
  const Numbers32 numbers = scene.record_some(3);
  scene.t.gives_receipts = false;
  ASSERT_TRUE(scene.log_in());
  Receipt receipt{.kid = scene.t.kid(), .accepted = {}};
  receipt.accepted.add(numbers[0]);
  receipt.accepted.add(numbers[2]);
  scene.t.receipt(receipt);
  scene.settle();
  EXPECT_EQ(scene.waiting(), Numbers32{numbers[1]});
}

TEST_F(DeviceTest, AReadingThatTWillNeverTakeIsDiscarded) {
  const Numbers32 numbers = scene.record_some(2);
  scene.t.accepts = false;
  ASSERT_TRUE(scene.log_in());
  scene.t.notice(Refusal::out_of_range, numbers[0]);
  scene.settle();
  EXPECT_EQ(scene.count(What::discarded), 1);
  EXPECT_EQ(scene.waiting(), Numbers32{numbers[1]});
}

TEST_F(DeviceTest, NobodyElseTakesAReadingOutOfTheRing) {
  const Numbers32 numbers = scene.record_some(1);
  scene.t.gives_receipts = false;
  ASSERT_TRUE(scene.log_in());
  Bytes<kReceiptBytes> forged{};
  Writer out{forged};
  write_receipt(scene.t.receipt_of(scene.t.kid()), out);
  scene.t.publish_unsigned(kNoticePrefix, forged);
  scene.t.hint(Refusal::out_of_range);
  scene.settle();
  EXPECT_EQ(scene.waiting(), numbers);
}

TEST_F(DeviceTest, SendsAgainWhatWasUnderWayWhenTheLinkBroke) {
  const Numbers32 numbers = scene.record_some(4);
  scene.t.acknowledges = false;
  ASSERT_TRUE(scene.log_in());
  const std::vector<Said> before = scene.t.said;
  ASSERT_EQ(before.size(), 4);
  scene.t.said.clear();
  scene.link.close();
  scene.pass(1'000);
  ASSERT_TRUE(scene.device.is_online());
  ASSERT_GE(scene.t.said.size(), 4);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(scene.t.said[i].again);
    EXPECT_EQ(scene.t.said[i].seq, numbers[i]);
    EXPECT_EQ(scene.t.said[i].id, before[i].id);
  }
}

// after a receipt the PUBACKs that never came kept all later readings back
TEST_F(DeviceTest, WhatAReceiptCoversIsNotUnderWayAnyMore) {
  Numbers32 numbers = scene.record_some(4);
  scene.t.acknowledges = false;
  ASSERT_TRUE(scene.log_in());
  ASSERT_EQ(scene.t.readings(), numbers);
  scene.t.receipt(scene.t.receipt_of(scene.t.kid()));
  scene.settle();
  ASSERT_EQ(scene.waiting(), Numbers32{});
  const Numbers32 later = scene.record_some(4);
  scene.settle();
  numbers.insert(numbers.end(), later.begin(), later.end());
  EXPECT_EQ(scene.t.readings(), numbers);
}

TEST_F(DeviceTest, AReadingCanGoAtOnceAndIsNotKept) {
  EXPECT_EQ(scene.publish(), Refusal::busy) << "without a session";
  ASSERT_TRUE(scene.log_in());
  EXPECT_EQ(scene.publish("22.0"), Refusal::none);
  scene.settle();
  ASSERT_EQ(scene.t.said.size(), 1);
  EXPECT_EQ(scene.t.said[0].qos, 0);
  EXPECT_EQ(text_of(scene.t.said[0].payload), "22.0");
  EXPECT_EQ(scene.waiting(), Numbers32{});
}

// T drops what comes between its demand and the new session: a live reading was lost
TEST_F(DeviceTest, NoReadingGoesAtOnceWhileTDemandsALogin) {
  ASSERT_TRUE(scene.log_in());
  scene.t.answers_logins = false;
  scene.t.notice(Refusal::enforcement, 1);
  scene.settle();
  EXPECT_EQ(scene.publish(), Refusal::busy);
  scene.t.answers_logins = true;
  scene.pass(2'000);
  EXPECT_EQ(scene.publish(), Refusal::none);
}

// live readings ran away from the ones without a receipt, until no number could ask for it
TEST_F(DeviceTest, NoReadingGoesAtOnceTooFarAheadOfTheReceipts) {
  scene.t.gives_receipts = false;
  scene.record_some(1);
  ASSERT_TRUE(scene.log_in());
  std::size_t went = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const Refusal why = scene.publish();
    if (why != Refusal::none) {
      EXPECT_EQ(why, Refusal::busy);
      break;
    }
    ++went;
    scene.settle();
  }
  EXPECT_GT(went, 8);
  EXPECT_LE(went, kMaxToldSpan);
  scene.t.gives_receipts = true;
  scene.pass(2'000);
  EXPECT_EQ(scene.waiting(), Numbers32{}) << "the receipt could be asked for";
  EXPECT_EQ(scene.publish(), Refusal::none);
}

// what was told meanwhile took a greater number: that reading could not be signed, and stood before
// all later ones for as long as the session lasted
TEST_F(DeviceTest, AReadingThatWasOvertakenStopsNoOther) {
  scene.record_some(3);
  ASSERT_TRUE(scene.log_in());
  scene.pass(6'000);
  const auto number = scene.device.next_reading();
  ASSERT_TRUE(number);
  ASSERT_TRUE(scene.device.tell("state/mote-1", bytes_of("up"), scene.now));
  EXPECT_EQ(scene.device.record(*number, bytes_of("21.5")), Refusal::stale);
  const std::uint32_t later = scene.record();
  scene.pass(3'600'000, 500);
  EXPECT_EQ(scene.t.readings().back(), later);
}

// what was told in between took the number with which the receipt must be asked for
TEST_F(DeviceTest, UnderANewKidTheFirstMessageAsksForTheReceiptOfTheOld) {
  scene.t.gives_receipts = false;
  scene.record_some(3);
  ASSERT_TRUE(scene.log_in());
  const std::uint16_t old = scene.t.kid();
  scene.t.remembers = false;
  scene.t.notice(Refusal::enforcement, 1);
  std::size_t told = 0;
  for (std::size_t i = 0; i < 200 && scene.vault.kid() == old; ++i) {
    static_cast<void>(scene.device.step(scene.now));
    scene.t.attend();
  }
  ASSERT_NE(scene.vault.kid(), old);
  for (std::size_t i = 0; i < 4; ++i) {
    told += scene.device.tell("state/mote-1", bytes_of("up"), scene.now) ? 1U : 0U;
  }
  EXPECT_EQ(told, 0);
  scene.t.attend();
  scene.settle();
  const auto first = std::ranges::find(scene.t.said, scene.t.kid(), &Said::kid);
  ASSERT_NE(first, scene.t.said.end());
  EXPECT_TRUE(first->is(kReceiptRequestMark)) << first->topic;
  scene.t.gives_receipts = true;
  scene.pass(20'000);
  EXPECT_TRUE(scene.device.tell("state/mote-1", bytes_of("up"), scene.now));
}

}  // namespace
}  // namespace countersign::mcu
