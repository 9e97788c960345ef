#include "promela.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace countersign::test {
namespace {

std::string committed(const std::string& name) {
  const std::ifstream file{COUNTERSIGN_FORMAL "/" + name, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

constexpr auto kHint =
    "code and model differ. If the code is right: print_promela transitions|cases > "
    "formal/NAME.pml";

TEST(ModelOfLevels, HasTheTableOfTheCode) {
  EXPECT_EQ(committed("transitions.pml"), promela_of_transitions()) << kHint;
}

TEST(ModelOfLevels, IsAskedForEveryAnswerOfTheCode) {
  EXPECT_EQ(committed("cases.pml"), promela_of_cases()) << kHint;
}

}  // namespace
}  // namespace countersign::test
