#include "config/json_number.hpp"

#include <gtest/gtest.h>

#include <string>

#include "allocations.hpp"
#include "config/json_pointer.hpp"

namespace countersign::config {
namespace {

std::optional<double> find(std::string_view json, std::string_view pointer) {
  return find_number(json, pointer);
}

TEST(JsonNumber, IsFoundByPointer) {
  EXPECT_EQ(find(R"({"temperature":21.5})", "/temperature"), 21.5);
  EXPECT_EQ(find(R"( { "a" : { "b" : [ 1 , 2 , -3e2 ] } } )", "/a/b/2"), -300.0);
  EXPECT_EQ(find("42", ""), 42.0);
  EXPECT_EQ(find("[10,20]", "/1"), 20.0);
  EXPECT_EQ(find(R"({"":{"":7}})", "//"), 7.0);
}

// RFC 6901, section 5
TEST(JsonNumber, IsFoundAsTheStandardSays) {
  const std::string_view json =
      R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})";
  EXPECT_EQ(find(json, "/"), 0.0);
  EXPECT_EQ(find(json, "/a~1b"), 1.0);
  EXPECT_EQ(find(json, "/c%d"), 2.0);
  EXPECT_EQ(find(json, "/e^f"), 3.0);
  EXPECT_EQ(find(json, "/g|h"), 4.0);
  EXPECT_EQ(find(json, "/i\\j"), 5.0);
  EXPECT_EQ(find(json, "/k\"l"), 6.0);
  EXPECT_EQ(find(json, "/ "), 7.0);
  EXPECT_EQ(find(json, "/m~0n"), 8.0);
  EXPECT_EQ(find(json, ""), std::nullopt);
  EXPECT_EQ(find(json, "/foo/0"), std::nullopt);
}

TEST(JsonNumber, IsFoundUnderAnEscapedName) {
  EXPECT_EQ(find(R"({"\u0074emp":1})", "/temp"), 1.0);
  EXPECT_EQ(find(R"({"gr\u00fc\u00DFe":1})", "/grüße"), 1.0);
  EXPECT_EQ(find(R"({"\ud83d\ude00":1})", "/😀"), 1.0);
  EXPECT_EQ(find(R"({"a\/b\n":1})", "/a~1b\n"), 1.0);
}

TEST(JsonNumber, IsNotFoundWhereANameIsThereTwice) {
  EXPECT_EQ(find(R"({"t":20,"t":9999})", "/t"), std::nullopt);
  EXPECT_EQ(find(R"({"t":20,"\u0074":9999})", "/t"), std::nullopt);
  EXPECT_EQ(find(R"({"a":{"t":1},"a":{}})", "/a/t"), std::nullopt);
  EXPECT_EQ(find(R"({"x":1,"x":2,"t":3})", "/t"), 3.0);
}

TEST(JsonNumber, IsNothingElse) {
  for (const std::string_view value :
       {"\"21\"", "true", "false", "null", "{}",  "[]",   "[21]",  "NaN", "Infinity", "-",     "+1",
        "01",     "1.",   ".5",    "1e",   "1e+", "0x10", "1_000", "--1", "1e999",    "-1e999"}) {
    EXPECT_EQ(find("{\"t\":" + std::string{value} + "}", "/t"), std::nullopt) << value;
  }
}

TEST(JsonNumber, TakesOnlyWholeDocuments) {
  for (const std::string_view json : {R"({"t":1)",
                                      R"({"t":1}})",
                                      R"({"t":1},)",
                                      R"({"t":1}x)",
                                      R"({"t":1,})",
                                      R"({,"t":1})",
                                      R"({"t" 1})",
                                      R"({t:1})",
                                      R"({'t':1})",
                                      R"({"t":1;"u":2})",
                                      R"({"t":1 "u":2})",
                                      R"([{"t":1})",
                                      "",
                                      " ",
                                      "{\"t\":1,\"u\":\"\n\"}",
                                      R"({"t":1,"u":"\x"})",
                                      R"({"t":1,"u":"\ud800"})",
                                      R"({"t":1,"u":"\udc00"})",
                                      R"({"t":1,"u":"\u12g4"})",
                                      R"({"t":1,"u":"abc)",
                                      R"({"t":1,"u":"abc\)",
                                      R"({"t":1,"u":tru})",
                                      R"({"t":1,"u":[1,]})",
                                      R"({"t":1} // no)"}) {
    EXPECT_EQ(find(json, "/t"), std::nullopt) << json;
  }
}

TEST(JsonNumber, TakesArrayIndicesInTheirShortestForm) {
  EXPECT_EQ(find("[1,2]", "/0"), 1.0);
  for (const std::string_view pointer :
       {"/00", "/-", "/2", "/+1", "/1x", "/-1", "/", "/1e0", "/99999999999999999999999"}) {
    EXPECT_EQ(find("[1,2]", pointer), std::nullopt) << pointer;
  }
}

TEST(JsonNumber, IsLookedForToALimitedDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  const auto pointer = [](std::size_t depth) {
    std::string out;
    for (std::size_t i = 0; i < depth; ++i) {
      out += "/0";
    }
    return out;
  };
  EXPECT_EQ(find(nested(kMaxJsonDepth), pointer(kMaxJsonDepth)), 1.0);
  EXPECT_EQ(find(nested(kMaxJsonDepth + 1), pointer(kMaxJsonDepth + 1)), std::nullopt);
  EXPECT_EQ(find(std::string(1'000'000, '['), "/0"), std::nullopt);
  EXPECT_EQ(find(std::string(1'000'000, '{'), "/0"), std::nullopt);
}

TEST(JsonNumber, AllocatesNothing) {
  const std::string json = R"({"a":[{"\u0074":12345678901234567890.12345678901234567890e-5}]})";
  const std::size_t before = allocations();
  const auto number = find_number(json, "/a/0/t");
  const auto text = text_number(" 123456789.5\n");
  EXPECT_EQ(allocations(), before);
  EXPECT_TRUE(number);
  EXPECT_TRUE(text);
}

TEST(JsonNumber, SurvivesEveryCutAndEveryFlippedBit) {
  const std::string json = R"({"a":[1,{"t":-1.5e3,"u":"\ud83d\ude00x"}],"b":null})";
  ASSERT_EQ(find(json, "/a/1/t"), -1500.0);
  for (std::size_t size = 0; size < json.size(); ++size) {
    EXPECT_EQ(find(json.substr(0, size), "/a/1/t"), std::nullopt) << size;
  }
  for (std::size_t bit = 0; bit < json.size() * 8; ++bit) {
    std::string changed = json;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    static_cast<void>(find(changed, "/a/1/t"));
  }
}

TEST(JsonPointer, HasOneForm) {
  for (const std::string_view text : {"", "/", "/a", "/a~0~1/b", "//"}) {
    EXPECT_TRUE(is_json_pointer(text)) << text;
  }
  for (const std::string_view text : {"a", "a/b", "/~", "/~2", "/a~"}) {
    EXPECT_FALSE(is_json_pointer(text)) << text;
  }
}

TEST(TextNumber, IsTheWholePayload) {
  EXPECT_EQ(text_number("21.5"), 21.5);
  EXPECT_EQ(text_number(" -3\r\n"), -3.0);
  EXPECT_EQ(text_number("1e3"), 1000.0);
  for (const std::string_view text :
       {"", " ", "21,5", "21 C", "nan", "NaN", "inf", "-Infinity", "1e999", "0x10", "1 2", "--1"}) {
    EXPECT_EQ(text_number(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace countersign::config
