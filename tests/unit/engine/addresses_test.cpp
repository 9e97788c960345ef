#include "engine/addresses.hpp"

#include <gtest/gtest.h>

namespace countersign::engine {
namespace {

constexpr Millis kMinute = 60'000;
constexpr int kEnough = 9;  // the first mistake that costs a wait

void offend(Addresses& addresses, std::string_view address, int times) {
  for (int i = 0; i < times; ++i) {
    addresses.offend(address, 0);
  }
}

TEST(Addresses, LetEightMistakesPass) {
  Addresses addresses{kMinute};
  offend(addresses, "192.0.2.1", kEnough - 1);
  EXPECT_FALSE(addresses.waits("192.0.2.1", 1));
  offend(addresses, "192.0.2.1", 1);
  EXPECT_TRUE(addresses.waits("192.0.2.1", 1));
  EXPECT_FALSE(addresses.waits("192.0.2.2", 1));
}

TEST(Addresses, CountAWholeSlash64AsOne) {
  Addresses addresses{kMinute};
  for (int i = 0; i < kEnough; ++i) {
    addresses.offend("2001:db8:1:2::" + std::to_string(i), 0);
  }
  EXPECT_EQ(addresses.size(), 1U);
  EXPECT_TRUE(addresses.waits("2001:db8:1:2:ffff:ffff:ffff:ffff", 1));
  EXPECT_FALSE(addresses.waits("2001:db8:1:3::1", 1));
}

TEST(Addresses, KnowANetworkHoweverItsAddressIsWritten) {
  EXPECT_EQ(network_of("2001:0DB8:0:0:1::5"), "2001:db8::/64");
  EXPECT_EQ(network_of("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(network_of("::1"), "::/64");
}

TEST(Addresses, TakeAMappedAddressForTheIPv4AddressThatItIs) {
  EXPECT_EQ(network_of("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(network_of("192.0.2.1"), "192.0.2.1");
}

TEST(Addresses, TakeWhatIsNoAddressAsItIs) {
  EXPECT_EQ(network_of(""), "");
  EXPECT_EQ(network_of("a:b"), "a:b");
}

}  // namespace
}  // namespace countersign::engine
