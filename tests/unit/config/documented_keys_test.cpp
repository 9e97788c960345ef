#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "config/keys.hpp"
#include "config/settings.hpp"

namespace countersign::config {
namespace {

const std::string kRoot = COUNTERSIGN_SOURCE;

/// The keys in the first column of the tables of docs/configuration.md: "| `table.key` | …".
std::set<std::string> documented() {
  std::ifstream file{kRoot + "/docs/configuration.md"};
  std::set<std::string> keys;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `")) {
      keys.insert(line.substr(3, line.find('`', 3) - 3));
    }
  }
  return keys;
}

TEST(Configuration, IsDocumentedKeyByKey) {
  const auto keys = accepted_keys();
  const std::set<std::string> accepted{keys.begin(), keys.end()};
  EXPECT_THAT(documented(), ::testing::ContainerEq(accepted));
}

TEST(Configuration, HasExamplesThatLoad) {
  for (const std::string name : {"countersign.toml", "countersign-observe.toml"}) {
    const auto settings = load_settings(kRoot + "/config/" + name);
    EXPECT_TRUE(settings) << settings.why().text();
  }
}

}  // namespace
}  // namespace countersign::config
