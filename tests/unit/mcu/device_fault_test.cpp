#include <gtest/gtest.h>

#include "core/device.hpp"
#include "unit/mcu/device_scene.hpp"

/// A device without flash, numbers or entropy says so, and signs nothing more.
namespace countersign::mcu {
namespace {

using test::DeviceScene;
using What = DeviceEvent::What;
using Numbers32 = std::vector<std::uint32_t>;

class DeviceFaultTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(scene.ready); }
  void TearDown() override { EXPECT_EQ(scene.t.odd, std::vector<std::string>{}); }

  DeviceScene scene;
};

// the device stayed online and lost every reading
TEST_F(DeviceFaultTest, SaysFaultOnceItsFlashFails) {
  ASSERT_TRUE(scene.log_in());
  scene.flash.fail_at(1);
  EXPECT_EQ(scene.record(), 0);
  scene.settle();
  EXPECT_EQ(scene.count(What::fault), 1);
  EXPECT_EQ(scene.fault, Refusal::internal);
  EXPECT_EQ(scene.link.state(), LinkState::closed);
}

TEST_F(DeviceFaultTest, SaysFaultOnceItsFlashFailsWithoutALink) {
  scene.reachable = false;
  scene.settle();
  scene.flash.fail_at(1);
  EXPECT_EQ(scene.record(), 0);
  scene.settle();
  EXPECT_EQ(scene.count(What::fault), 1);
}

TEST_F(DeviceFaultTest, AFullRingIsNoFault) {
  scene.reachable = false;
  std::size_t kept = 0;
  while (scene.record(std::string(kMaxReadingBytes, 'x')) != 0) {
    ++kept;
  }
  EXPECT_GT(kept, 40);
  scene.settle();
  EXPECT_EQ(scene.count(What::fault), 0);
  scene.reachable = true;
  scene.pass(30'000);
  EXPECT_EQ(scene.waiting(), Numbers32{});
  EXPECT_EQ(scene.t.readings().size(), kept);
}

TEST_F(DeviceFaultTest, SaysFaultWhenAReceiptCannotBeKept) {
  scene.t.gives_receipts = false;
  scene.record_some(2);
  ASSERT_TRUE(scene.log_in());
  scene.flash.fail_at(1);
  scene.t.receipt(scene.t.receipt_of(scene.t.kid()));
  scene.settle();
  EXPECT_EQ(scene.count(What::fault), 1);
}

TEST_F(DeviceFaultTest, SaysFaultWhenANoticeCannotBeKept) {
  scene.t.gives_receipts = false;
  const auto numbers = scene.record_some(2);
  ASSERT_TRUE(scene.log_in());
  scene.flash.fail_at(1);
  scene.t.notice(Refusal::out_of_range, numbers[0]);
  scene.settle();
  EXPECT_EQ(scene.count(What::fault), 1);
}

TEST_F(DeviceFaultTest, IsNotOnlineAfterAFault) {
  ASSERT_TRUE(scene.log_in());
  scene.flash.fail_at(1);
  EXPECT_EQ(scene.record(), 0);
  scene.settle();
  EXPECT_FALSE(scene.device.is_online());
  EXPECT_FALSE(scene.device.is_ready());
}

TEST_F(DeviceFaultTest, SaysFaultWithoutRandomBytes) {
  scene.random.fails = true;
  scene.settle();
  EXPECT_EQ(scene.count(What::fault), 1);
  EXPECT_EQ(scene.link.opened, 0);
}

class EndOfNumbers : public DeviceFaultTest, public ::testing::WithParamInterface<Refusal> {};

TEST_P(EndOfNumbers, SaysFaultWhenAReadingHasNone) {
  ASSERT_TRUE(scene.log_in());
  scene.numbers.fails = GetParam();
  EXPECT_EQ(scene.device.next_reading().why(), GetParam());
  scene.settle();
  EXPECT_EQ(scene.count(What::fault), 1);
  EXPECT_EQ(scene.fault, GetParam());
}

TEST_P(EndOfNumbers, SaysFaultWhenARequestHasNone) {
  scene.record_some(3);
  ASSERT_TRUE(scene.log_in());
  scene.numbers.fails = GetParam();
  scene.pass(6'000);
  EXPECT_EQ(scene.count(What::fault), 1);
  EXPECT_EQ(scene.fault, GetParam());
}

TEST_P(EndOfNumbers, SaysFaultWhenALoginHasNone) {
  scene.numbers.fails = GetParam();
  scene.settle();
  EXPECT_EQ(scene.count(What::fault), 1);
  EXPECT_EQ(scene.fault, GetParam());
  EXPECT_TRUE(scene.t.plain.empty());
}

TEST_P(EndOfNumbers, SaysFaultWhenTheKidCannotBeKept) {
  scene.t.answers_logins = false;
  scene.settle();
  scene.numbers.fails = GetParam();
  scene.t.answers_logins = true;
  scene.pass(5'000);
  EXPECT_EQ(scene.count(What::fault), 1);
  EXPECT_EQ(scene.fault, Refusal::internal);
}

INSTANTIATE_TEST_SUITE_P(Whatever, EndOfNumbers,
                         ::testing::Values(Refusal::internal, Refusal::expired),
                         [](const auto& one) { return std::string{name_of(one.param)}; });

}  // namespace
}  // namespace countersign::mcu
