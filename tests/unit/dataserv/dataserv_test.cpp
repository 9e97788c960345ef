#include "dataserv/dataserv.hpp"

#include <gtest/gtest.h>

#include "unit/config/plant.hpp"

namespace countersign::dataserv {
namespace {

config::Settings settings(const std::string& evaluation) {
  return config::settings_of(
      "server_id = \"t\"\n[default]\nmode = \"off\"\n[[rule]]\nname = \"r\"\n"
      "topic = \"plant/%d/t\"\nsubscribe = \"anyone\"\n" +
      evaluation);
}

Evaluator* evaluator_of(const config::Settings& settings) {
  return settings.rules.rules()[0].rule.evaluator;
}

Evaluation evaluated(Evaluator* evaluator, const std::string& payload, Millis now = 1,
                     std::string_view identity = "mote-1") {
  return evaluator->evaluate({identity, bytes_of(payload), now});
}

TEST(DataServ, LendsEachRuleItsEvaluator) {
  DataServ dataserv;
  config::Settings plain = settings("");
  dataserv.serve(plain);
  EXPECT_EQ(evaluator_of(plain), nullptr);
  config::Settings with = settings("range = { pointer = \"/t\", max = 60 }\n");
  dataserv.serve(with);
  const Evaluation far = evaluated(evaluator_of(with), R"({"t":61})");
  EXPECT_EQ(far.finding, Finding::out_of_range);
  EXPECT_EQ(far.objector, "range");
  EXPECT_EQ(evaluated(evaluator_of(with), R"({"t":60})").finding, Finding::in_range);
}

TEST(DataServ, CombinesObjectionsAsTheRuleSays) {
  const std::string two = "range = { max = 10 }\nrate = { stuck = 2 }\ncombine = ";
  for (const auto& [combine, one_objects, both_object] :
       {std::tuple{"\"any\"\n", Finding::out_of_range, Finding::out_of_range},
        std::tuple{"\"majority\"\n", Finding::in_range, Finding::out_of_range},
        std::tuple{"\"all\"\n", Finding::in_range, Finding::out_of_range}}) {
    DataServ dataserv;
    config::Settings with = settings(two + combine);
    dataserv.serve(with);
    EXPECT_EQ(evaluated(evaluator_of(with), "5").finding, Finding::in_range) << combine;
    EXPECT_EQ(evaluated(evaluator_of(with), "11").finding, one_objects) << combine;
    EXPECT_EQ(evaluated(evaluator_of(with), "11").finding, both_object) << combine;
  }
}

TEST(DataServ, SaysNothingWhereNobodyHasAnOpinion) {
  DataServ dataserv;
  config::Settings with = settings("group = { tolerance = 1, members = \"pump-*\" }\n");
  dataserv.serve(with);
  EXPECT_EQ(evaluated(evaluator_of(with), "5").finding, Finding::none);
}

// where a member stands is remembered, but newcomers take others' places, and the last one that of
// whoever is removed
TEST(DataServ, KnowsEachMemberOfAGroupWhoeverComesAndGoes) {
  DataServ dataserv;
  config::Settings with = settings("group = { tolerance = 1, members = \"mote-*\" }\n");
  dataserv.serve(with);
  const auto all_speak = [&](int first, int last) {
    for (int i = first; i < last; ++i) {
      const std::string payload = std::to_string(100 * i);
      EXPECT_EQ(evaluated(evaluator_of(with), payload, 1, "mote-" + std::to_string(i)).finding,
                Finding::in_range)
          << i;
    }
  };
  EXPECT_EQ(evaluated(evaluator_of(with), "0", 1, "mote-0").finding, Finding::none) << "alone";
  for (int first = 19; first >= 0; --first) {
    all_speak(first, 20);
  }
  for (int first = 1; first < 18; ++first) {
    dataserv.forget("mote-" + std::to_string(first - 1));
    all_speak(first, 20);
  }
  EXPECT_NE(evaluated(evaluator_of(with), "1", 1, "mote-19").finding, Finding::in_range);
}

const char* const kCorrelated =
    "correlated = { pointers = [\"/t\", \"/h\"], resolution = [0.1, 0.1], memory = 16 }\n";

void learn(Evaluator* evaluator) {
  for (int i = 0; i < 40; ++i) {
    const std::string payload =
        "{\"t\":" + std::to_string(20 + i % 3) + ",\"h\":" + std::to_string(50 - i % 3) + "}";
    static_cast<void>(evaluated(evaluator, payload));
  }
}

TEST(DataServ, GoesOnWithWhatItLearnedAfterAReload) {
  DataServ dataserv;
  config::Settings before = settings(kCorrelated);
  dataserv.serve(before);
  learn(evaluator_of(before));
  config::Settings after =
      settings(std::string{kCorrelated} + "range = { pointer = \"/t\", max = 90 }\n");
  dataserv.serve(after);
  const Evaluation far = evaluated(evaluator_of(after), R"({"t":80,"h":80})");
  EXPECT_EQ(far.finding, Finding::out_of_range);
  EXPECT_EQ(far.objector, "correlated");
}

TEST(DataServ, GoesOnWithWhatWasSaved) {
  DataServ first;
  config::Settings settings_first = settings(kCorrelated);
  first.serve(settings_first);
  learn(evaluator_of(settings_first));
  DataServ second;
  config::Settings settings_second = settings(kCorrelated);
  second.serve(settings_second);
  first.save([&second](DataServ::Learned&& learned) {
    EXPECT_TRUE(second.restore(learned.name, learned.image));
    EXPECT_TRUE(second.restore("gone/" + learned.name, learned.image));
    learned.image.pop_back();
    DataServ third;
    config::Settings settings_third = settings(kCorrelated);
    third.serve(settings_third);
    EXPECT_FALSE(third.restore(learned.name, learned.image));
  });
  EXPECT_EQ(evaluated(evaluator_of(settings_second), R"({"t":80,"h":80})").finding,
            Finding::out_of_range);
}

}  // namespace
}  // namespace countersign::dataserv
