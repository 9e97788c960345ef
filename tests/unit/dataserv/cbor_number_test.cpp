#include "dataserv/cbor_number.hpp"

#include <gtest/gtest.h>

#include "unit/vector_file.hpp"

namespace countersign::dataserv {
namespace {

std::optional<double> found(std::string_view hex, std::string_view pointer = "") {
  return find_cbor_number(test::from_hex(hex), pointer);
}

// RFC 8949, appendix A
TEST(CborNumber, ReadsTheNumbersOfTheRfc) {
  EXPECT_EQ(found("00"), 0);
  EXPECT_EQ(found("17"), 23);
  EXPECT_EQ(found("1818"), 24);
  EXPECT_EQ(found("1903e8"), 1000);
  EXPECT_EQ(found("1a000f4240"), 1000000);
  EXPECT_EQ(found("1b000000e8d4a51000"), 1000000000000);
  EXPECT_EQ(found("20"), -1);
  EXPECT_EQ(found("3903e7"), -1000);
  EXPECT_EQ(found("f93e00"), 1.5);
  EXPECT_EQ(found("f97bff"), 65504.0);
  EXPECT_EQ(found("f90001"), 5.960464477539063e-8);
  EXPECT_EQ(found("f9c400"), -4.0);
  EXPECT_EQ(found("fa47c35000"), 100000.0);
  EXPECT_EQ(found("fb3ff199999999999a"), 1.1);
  EXPECT_EQ(found("c11a514b67b0"), 1363896240) << "a tag is looked through";
}

TEST(CborNumber, TakesNoNumberThatIsNone) {
  for (const char* const hex : {"f97c00", "f97e00", "fa7f800000", "fb7ff8000000000000", "f4", "f6",
                                "6131", "4131", "80", "a0", ""}) {
    EXPECT_EQ(found(hex), std::nullopt) << hex;
  }
}

TEST(CborNumber, FollowsThePointer) {
  // {"a": 1, "b": [2, 3], "t": {"c/d": -5}}
  constexpr std::string_view item = "a361610161628202036174a163632f6424";
  EXPECT_EQ(found(item, "/a"), 1);
  EXPECT_EQ(found(item, "/b/1"), 3);
  EXPECT_EQ(found(item, "/t/c~1d"), -5);
  EXPECT_EQ(found(item, "/b/2"), std::nullopt);
  EXPECT_EQ(found(item, "/b/01"), std::nullopt);
  EXPECT_EQ(found(item, "/c"), std::nullopt);
  EXPECT_EQ(found(item, ""), std::nullopt);
}

TEST(CborNumber, WantsOneWholeItemAndEachNameOnce) {
  EXPECT_EQ(found("0000"), std::nullopt) << "something follows";
  EXPECT_EQ(found("a2616101616102", "/a"), std::nullopt) << "a is there twice";
  EXPECT_EQ(found("a10101", "/1"), std::nullopt) << "a key that is no text";
  EXPECT_EQ(found("9f01ff", "/0"), std::nullopt) << "an indefinite length";
  EXPECT_EQ(found("9b7fffffffffffffff01", "/0"), std::nullopt) << "longer than the payload";
  EXPECT_EQ(found("1c"), std::nullopt) << "reserved";
  for (std::size_t bytes = 1; bytes < 9; ++bytes) {
    EXPECT_EQ(found(std::string_view{"fb3ff199999999999a"}.substr(0, 2 * bytes)), std::nullopt);
  }
}

TEST(CborNumber, NestsOnlySoDeep) {
  std::string hex;
  for (std::size_t i = 0; i < 100'000; ++i) {
    hex += "81";
  }
  EXPECT_EQ(found(hex + "01"), std::nullopt);
}

}  // namespace
}  // namespace countersign::dataserv
