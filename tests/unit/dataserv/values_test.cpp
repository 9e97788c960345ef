#include <gtest/gtest.h>

#include "dataserv/value.hpp"

namespace countersign::dataserv {
namespace {

using config::Format;

TEST(Values, AreTheSameHoweverOftenAndManyAreAskedFor) {
  const std::string payload = R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":"six"})";
  Values values{bytes_of(payload), Format::json};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(values.at("/a"), 1);
    EXPECT_EQ(values.at("/b"), 2);
    EXPECT_EQ(values.at("/f"), std::nullopt);
    EXPECT_EQ(values.at("/c"), 3);
    EXPECT_EQ(values.at("/d"), 4);
    EXPECT_EQ(values.at("/e"), 5);
    EXPECT_EQ(values.at(""), std::nullopt);
  }
}

TEST(Values, TellTheWholePayloadFromTheRootOfAJsonText) {
  const std::string payload = " 7 ";
  Values values{bytes_of(payload), Format::json};
  EXPECT_EQ(values.at(config::ValuePath{true, ""}), 7);
  Values cbor{bytes_of(payload), Format::cbor};
  EXPECT_EQ(cbor.at(""), std::nullopt);
  EXPECT_EQ(cbor.at(config::ValuePath{true, ""}), 7);
}

}  // namespace
}  // namespace countersign::dataserv
