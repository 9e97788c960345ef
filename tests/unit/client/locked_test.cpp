#include "countersign/client/locked.hpp"

#include <gtest/gtest.h>

#include "countersign/client/pin.hpp"

namespace countersign::client {
namespace {

TEST(LockedBuffer, MovesAndLeavesNothingBehind) {
  LockedBuffer one{64};
  one.bytes()[0] = std::byte{7};
  LockedBuffer two{std::move(one)};
  EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move): that is the claim
  EXPECT_EQ(two.bytes()[0], std::byte{7});
  EXPECT_EQ(two.bytes().size(), 64U);
}

TEST(LockedBuffer, WipesWhatItForgets) {
  LockedBuffer buffer{8};
  std::fill(buffer.bytes().begin(), buffer.bytes().end(), std::byte{0xAA});
  const std::byte* const start = buffer.bytes().data();
  buffer.shrink(3);
  EXPECT_EQ(buffer.bytes().size(), 3U);
  EXPECT_EQ(start[2], std::byte{0xAA});
  EXPECT_EQ(start[3], std::byte{0});
  EXPECT_EQ(start[7], std::byte{0});
}

TEST(LockedBuffer, OfNothingIsEmpty) {
  EXPECT_TRUE(LockedBuffer{0}.empty());
  EXPECT_TRUE(LockedBuffer{}.bytes().empty());
}

TEST(Pin, HasFourToSixteenPrintableCharacters) {
  for (const std::string_view good : {"1234", "aB!~", "1234567890123456"}) {
    const auto pin = Pin::from(good);
    ASSERT_TRUE(pin) << good;
    EXPECT_EQ(text_of(pin->bytes()), good);
  }
  for (const std::string_view bad :
       {"", "123", "12345678901234567", "12 4", "1234\n", "12\xC3\xA4", "123\x7F"}) {
    EXPECT_FALSE(Pin::from(bad)) << bad;
  }
}

}  // namespace
}  // namespace countersign::client
