#include "registrar/body.hpp"

#include <gmock/gmock.h>

namespace countersign::registrar {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Type = Member::Type;

constexpr std::array kShape{
    Member{"data", Type::map_of_texts, true},
    Member{"label", Type::text},
    Member{"roles", Type::texts},
    Member{"count", Type::number},
};

/// The body of the problem, or empty if it was taken.
std::string fault_of(std::string_view text) {
  auto read = read_body(text, kShape);
  const auto* const answer = std::get_if<Answer>(&read);
  return answer == nullptr ? std::string{} : answer->body;
}

TEST(Body, TakesItsShape) {
  auto read = read_body(R"({"data":{"a":"b"},"label":"l","roles":["r"],"count":3})", kShape);
  ASSERT_TRUE(std::holds_alternative<Json>(read));
  EXPECT_EQ(std::get<Json>(read)["data"]["a"], "b");
  EXPECT_EQ(fault_of(R"({"data":{}})"), "");
}

TEST(Body, NamesWhatIsMissingOrOfAnotherKind) {
  EXPECT_THAT(fault_of("{}"), HasSubstr("data is missing"));
  EXPECT_THAT(fault_of(R"({"data":"x"})"), HasSubstr("data must be an object of texts"));
  EXPECT_THAT(fault_of(R"({"data":{"a":1}})"), HasSubstr("data must be an object of texts"));
  EXPECT_THAT(fault_of(R"({"data":{"a":null}})"), HasSubstr("data must be an object of texts"));
  EXPECT_THAT(fault_of(R"({"data":{},"label":["x"]})"), HasSubstr("label must be a text"));
  EXPECT_THAT(fault_of(R"({"data":{},"roles":["x",1]})"), HasSubstr("roles must be an array"));
  for (const std::string number : {"-1", "1.5", "1e3", "\"1\"", "99999999999999999999"}) {
    EXPECT_THAT(fault_of(R"({"data":{},"count":)" + number + "}"),
                HasSubstr("count must be a whole number"))
        << number;
  }
}

TEST(Body, RefusesUnknownMembersWithoutRepeatingThem) {
  const std::string fault = fault_of(R"({"data":{},"my-password-is-hunter2":""})");
  EXPECT_THAT(fault, HasSubstr("known are: data, label, roles, count"));
  EXPECT_THAT(fault, Not(HasSubstr("hunter2")));
}

TEST(Body, RefusesANameTwiceWhereverItStands) {
  EXPECT_THAT(fault_of(R"({"data":{},"data":{"a":"b"}})"), HasSubstr("twice"));
  EXPECT_THAT(fault_of(R"({"data":{"a":"b","a":"c"}})"), HasSubstr("twice"));
  EXPECT_THAT(fault_of(R"({"data":{"a":"b","\u0061":"c"}})"), HasSubstr("twice"));
}

TEST(Body, RefusesDepth) {
  const std::string deep = std::string(8'000, '[') + std::string(8'000, ']');
  EXPECT_THAT(fault_of(deep), HasSubstr("nested too deeply"));
  EXPECT_THAT(fault_of(R"({"data":{"a":{"b":{"c":{}}}}})"), HasSubstr("nested too deeply"));
}

TEST(Body, RefusesWhatIsNoJsonObjectInUtf8) {
  for (const std::string text :
       {"", "null", "[]", "\"data\"", "{", R"({"data":{}} x)", R"({"data":{}}{"data":{}})",
        "{\"data\":{\"a\":\"\xFF\"}}", "{\"data\":{\"a\":\"\xC0\x80\"}}", "{'data':{}}",
        R"({"data":{"a":"\ud800"}})", "{\"data\":{},}"}) {
    EXPECT_THAT(fault_of(text), HasSubstr("no JSON object in UTF-8")) << text;
  }
}

}  // namespace
}  // namespace countersign::registrar
