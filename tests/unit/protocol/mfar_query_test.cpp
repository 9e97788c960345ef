#include "countersign/mfar_query.hpp"

#include <gtest/gtest.h>

#include <random>

#include "unit/protocol/query_model.hpp"
#include "unit/vector_file.hpp"

namespace countersign::test {
namespace {

struct Answer {
  Refusal why = Refusal::none;
  Octets result;

  friend bool operator==(const Answer&, const Answer&) = default;
};

Answer ask(std::string_view text, RegistrationFields fields) {
  const auto query = parse_query(text);
  if (!query) {
    return {query.why(), {}};
  }
  Bytes<kMaxFieldValueBytes> room;
  const auto result = apply_query(*query, fields, room);
  return result ? Answer{Refusal::none, octets(*result)} : Answer{result.why(), {}};
}

/// Borrows from `encoded`.
std::vector<RegistrationField> fields_of(ByteView encoded) {
  std::vector<RegistrationField> fields;
  Reader in{encoded};
  while (!in.done()) {
    const std::string_view name = text_of(in.s8());
    fields.push_back({name, in.s16()});
    if (!in.ok()) {
      throw std::runtime_error("fields are cut off");
    }
  }
  return fields;
}

TEST(MfarQuery, IsAnsweredAsTheVectorsSay) {
  for (const VectorFile& v : vectors("mfar_query_")) {
    SCOPED_TRACE(v.name());
    const Octets encoded = v.bytes("fields");
    const Octets query = v.bytes("query");
    EXPECT_EQ(ask(text_of(query), fields_of(encoded)), (Answer{v.expected(), octets(v.body())}));
  }
}

TEST(MfarQuery, ParsesIntoItsParts) {
  const auto query = parse_query("serial;rotate(3);slice(10,65535);flip;mask(0a)");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->field, "serial");
  const std::vector<QueryOp> ops = ops_of(*query);
  ASSERT_EQ(ops.size(), 4);
  EXPECT_EQ(ops[0].kind, QueryOp::Kind::rotate);
  EXPECT_EQ(ops[0].at, 3);
  EXPECT_EQ(ops[1].at, 10);
  EXPECT_EQ(ops[1].length, 65'535);
  EXPECT_EQ(ops[2].kind, QueryOp::Kind::flip);
  EXPECT_EQ(ops[3].mask, "0a");
}

TEST(MfarQuery, HasNoAnswerWithoutRegistration) {
  EXPECT_EQ(ask("uuid", {}).why, Refusal::bad_handshake);
}

/// Queries, most of them well formed, some of them wrong in a number or a letter.
class Queries {
 public:
  std::string next() {
    std::string text = "f";
    for (unsigned left = below(10); left > 0; --left) {
      text += ';' + op();
    }
    return text;
  }

  /// `text` with up to three characters replaced, dropped or put in.
  std::string spoilt(std::string text) {
    constexpr std::string_view kLetters = "sliceroatfpmkf();,0123456789abcdefF -_.\0\xff";
    for (unsigned left = 1 + below(3); left > 0 && !text.empty(); --left) {
      const auto at = text.begin() + below(static_cast<unsigned>(text.size()));
      const char letter = kLetters[below(static_cast<unsigned>(kLetters.size()))];
      text.replace(at, at + below(2), below(3), letter);
    }
    return text;
  }

  Octets value() {
    Octets out(1 + below(kMaxFieldValueBytes));
    for (std::byte& b : out) {
      b = static_cast<std::byte>(below(256));
    }
    return out;
  }

  unsigned below(unsigned count) { return static_cast<unsigned>(engine_() % count); }

 private:
  std::string number() { return std::to_string(below(8) == 0 ? below(70'000) : below(40)); }

  std::string op() {
    switch (below(4)) {
      case 0:
        return "slice(" + number() + "," + number() + ")";
      case 1:
        return "rotate(" + number() + ")";
      case 2:
        return "flip";
      default:
        return "mask(" + hex(ByteView{value()}.first(1)) +
               hex(value()).substr(0, std::size_t{2} * below(6)) + ")";
    }
  }

  std::mt19937 engine_{6};
};

TEST(MfarQuery, DoesWhatTheSlowModelDoes) {
  Queries queries;
  std::size_t answered = 0;
  for (int i = 0; i < 4'000; ++i) {
    const std::string text = queries.next();
    SCOPED_TRACE(text);
    const Octets value = queries.value();
    const std::array fields{RegistrationField{"g", {}}, RegistrationField{"f", value}};
    const Answer answer = ask(text, fields);
    ASSERT_EQ(answer.why != Refusal::malformed, model_is_query(text));
    if (answer.why == Refusal::malformed) {
      continue;
    }
    const auto expected = model_apply(text, value);
    ASSERT_EQ(answer.why == Refusal::none, expected.has_value());
    ASSERT_EQ(answer.result, expected.value_or(Octets{}));
    answered += std::size_t{expected.has_value()};
  }
  EXPECT_GT(answered, 1'000);
}

TEST(MfarQuery, IsAQueryWhereTheSlowModelSaysSo) {
  Queries queries;
  std::size_t taken = 0;
  for (int i = 0; i < 4'000; ++i) {
    const std::string text = queries.spoilt(queries.next());
    ASSERT_EQ(static_cast<bool>(parse_query(text)), model_is_query(text)) << text;
    taken += std::size_t{model_is_query(text)};
  }
  EXPECT_GT(taken, 100);
}

TEST(MfarQuery, IsNoQueryAnyMoreWhereverItIsCutInsideAnOperation) {
  const std::string whole = "serial;slice(1,22);rotate(34);flip;mask(0a1b)";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string text = whole.substr(0, size);
    ASSERT_EQ(static_cast<bool>(parse_query(text)), model_is_query(text)) << text;
  }
}

TEST(MfarQuery, RefusesWhatIsFarTooLong) {
  for (const std::size_t size : {129U, 1'000U, 100'000U}) {
    EXPECT_EQ(parse_query(std::string(size, 'a')).why(), Refusal::malformed);
    EXPECT_EQ(parse_query("a;rotate(" + std::string(size, '9')).why(), Refusal::malformed);
    EXPECT_EQ(parse_query("a;mask(" + std::string(size, 'a')).why(), Refusal::malformed);
    EXPECT_EQ(parse_query("a" + std::string(size, ';')).why(), Refusal::malformed);
  }
}

}  // namespace
}  // namespace countersign::test
