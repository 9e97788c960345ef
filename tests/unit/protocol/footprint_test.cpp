#include "countersign/footprint.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace countersign::test {
namespace {

TEST(Footprint, MayNameWhatIsNoMore) {
  Footprint footprint;
  footprint.note(*std::make_unique<std::array<std::byte, 300>>());
  footprint.prefetch();
}

TEST(Footprint, LeavesOutWhatItHasNoRoomFor) {
  std::array<Footprint, 3> row;  // a write past the second's end would be seen in the third
  const std::array<std::byte, 100'000> much{};
  row[1].note(much);
  row[1].note(much);
  row[1].prefetch();
  const Footprint fresh;
  EXPECT_EQ(std::memcmp(&row[0], &fresh, sizeof fresh), 0);
  EXPECT_EQ(std::memcmp(&row[2], &fresh, sizeof fresh), 0);
}

}  // namespace
}  // namespace countersign::test
