#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "countersign/mfar_query.hpp"
#include "unit/protocol/query_model.hpp"
#include "unit/scripted_random.hpp"

namespace countersign::test {
namespace {

/// A registration with fields of all lengths; only five of them can be asked for.
class MfarAsk : public testing::Test {
 protected:
  [[nodiscard]] std::string ask(Random& random) const {
    std::array<char, kMaxQueryBytes> room{};
    const auto text = make_query(random, fields_, room);
    return text ? std::string{*text} : std::string{name_of(text.why())};
  }

  [[nodiscard]] Octets answer(const std::string& text) const {
    Bytes<kMaxFieldValueBytes> room;
    const auto query = parse_query(text);
    const auto result = query ? apply_query(*query, fields_, room) : Result<ByteView>{query.why()};
    return result ? octets(*result) : Octets{};
  }

  [[nodiscard]] Octets value(const std::string& text) const {
    for (const RegistrationField& field : fields_) {
      if (text.substr(0, text.find(';')) == field.name) {
        return octets(field.value);
      }
    }
    return {};
  }

  Octets bytes_ = [] {
    Octets out(256);
    static_cast<void>(SeededRandom{7}.fill(out));
    return out;
  }();
  std::string longest_name_ = std::string(31, 'n') + '.';
  std::string too_long_name_ = std::string(33, 'n');
  std::vector<RegistrationField> fields_{
      {"seven", ByteView{bytes_}.first(7)},
      {"eight", ByteView{bytes_}.first(8)},
      {"uuid", ByteView{bytes_}.first(16)},
      {"longest", ByteView{bytes_}.first(255)},
      {"over", ByteView{bytes_}.first(256)},
      {longest_name_, ByteView{bytes_}.first(99)},
      {too_long_name_, bytes_},
      {"twice", ByteView{bytes_}.first(20)},
      {"twice", ByteView{bytes_}.first(21)},
      {"a b", ByteView{bytes_}.first(20)},
      {"serial", ByteView{bytes_}.last(10)},
      {"", ByteView{bytes_}.first(20)},
      {"empty", {}},
  };
};

TEST_F(MfarAsk, MakesOnlyWhatIsAnsweredByEightBytesOrMore) {
  SeededRandom random;
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = ask(random);
    const Octets result = answer(text);
    ASSERT_TRUE(model_is_query(text)) << text;
    ASSERT_GE(result.size(), kMinAskedResultBytes) << text;
    ASSERT_EQ(result, model_apply(text, value(text))) << text;
  }
}

/// How often an operation comes first: the mask that each query holds may be it.
int expected_first(QueryOp::Kind kind) {
  constexpr double kUnique = (1.0 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4) / kMaxAskedOps;
  const double other = (1 - kUnique) / 4;
  return static_cast<int>(10'000 * (kind == QueryOp::Kind::mask ? kUnique + other : other));
}

bool has_long_mask(const std::vector<QueryOp>& ops) {
  return std::any_of(ops.begin(), ops.end(),
                     [](const QueryOp& op) { return op.mask.size() == 2 * kMaxAskedMaskBytes; });
}

TEST_F(MfarAsk, DrawsEveryFieldAndOperationAlikeAndNeverTheSame) {
  SeededRandom random;
  std::map<std::string, int> fields;
  std::map<std::size_t, int> lengths;
  std::map<QueryOp::Kind, int> kinds;
  std::set<std::string> texts;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = ask(random);
    const auto query = parse_query(text);
    ASSERT_TRUE(query);
    ++fields[std::string{query->field}];
    const std::vector<QueryOp> ops = ops_of(*query);
    ++lengths[ops.size()];
    ++kinds[ops.at(0).kind];
    EXPECT_TRUE(has_long_mask(ops)) << text;
    EXPECT_TRUE(texts.insert(text).second) << text;
  }
  const auto alike = [](const auto& counts, std::size_t size) {
    for (const auto& [what, count] : counts) {
      EXPECT_NEAR(count, 10'000.0 / static_cast<double>(size), 250);
    }
    return counts.size() == size;
  };
  EXPECT_TRUE(alike(fields, 5));
  EXPECT_TRUE(alike(lengths, kMaxAskedOps));
  EXPECT_EQ(kinds.size(), 4U);
  for (const auto& [kind, count] : kinds) {
    EXPECT_NEAR(count, expected_first(kind), 250);
  }
}

TEST_F(MfarAsk, MakesNothingWithoutEntropy) {
  SeededRandom source;
  Octets script(4'000);
  ASSERT_TRUE(source.fill(script));
  for (std::size_t size = 0; size < 28; ++size) {
    ScriptedRandom cut{octets(ByteView{script}.first(size))};
    EXPECT_EQ(ask(cut), "internal") << size;
  }
  ScriptedRandom whole{script};
  EXPECT_TRUE(model_is_query(ask(whole)));
}

TEST_F(MfarAsk, EndsWhateverTheSourceGives) {
  for (const unsigned each : {0x00U, 0x01U, 0x7FU, 0x80U, 0xFFU}) {
    ScriptedRandom stuck{Octets(4'000, static_cast<std::byte>(each))};
    const std::string text = ask(stuck);
    EXPECT_GE(answer(text).size(), kMinAskedResultBytes) << text;
  }
}

TEST_F(MfarAsk, MakesNothingWhereNoFieldIsLongEnough) {
  SeededRandom random;
  fields_ = {{"seven", ByteView{bytes_}.first(7)}, {"over", bytes_}, {"empty", {}}};
  EXPECT_EQ(ask(random), "internal");
  fields_ = {};
  EXPECT_EQ(ask(random), "internal");
}

TEST_F(MfarAsk, FitsItsRoomAtTheWorst) {
  SeededRandom random;
  fields_ = {{longest_name_, ByteView{bytes_}.first(255)}};
  std::size_t longest = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = ask(random);
    ASSERT_NE(text, "internal");
    longest = std::max(longest, text.size());
  }
  EXPECT_GT(longest, 110);
}

}  // namespace
}  // namespace countersign::test
