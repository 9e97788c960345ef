#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "registrar/openapi.hpp"
#include "registrar/routes.hpp"

namespace countersign::registrar {
namespace {

const std::string kRoot = COUNTERSIGN_SOURCE;

std::string read(const std::string& path) {
  std::ifstream file{kRoot + path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// "GET /healthz" for each method of each path: lines of the file's own layout.
std::set<std::string> described() {
  std::set<std::string> out;
  std::istringstream lines{read("/registrar/openapi.yaml")};
  std::string path;
  for (std::string line; std::getline(lines, line) && line != "components:";) {
    if (line.starts_with("  /")) {
      path = line.substr(2, line.size() - 3);
    }
    for (const std::string method :
         {"get", "put", "post", "delete", "options", "head", "patch", "trace"}) {
      if (line == "    " + method + ":") {
        std::string upper = method;
        std::transform(upper.begin(), upper.end(), upper.begin(),
                       [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        out.insert(upper + " " + path);
      }
    }
  }
  return out;
}

TEST(OpenApi, ListsExactlyTheRoutes) {
  std::set<std::string> served;
  for (const Route& route : routes()) {
    served.insert(std::string{route.method}.append(" ").append(route.path));
  }
  EXPECT_THAT(described(), ::testing::ContainerEq(served));
}

TEST(OpenApi, IsServedAsItLiesInTheTree) { EXPECT_EQ(kOpenApi, read("/registrar/openapi.yaml")); }

TEST(Routes, FindWhatAPathNames) {
  const Found found = find_route("DELETE", "/v1/devices/mote-3");
  ASSERT_NE(found.route, nullptr);
  EXPECT_EQ(found.name, "mote-3");
  EXPECT_EQ(find_route("HEAD", "/healthz").route, find_route("GET", "/healthz").route);
}

TEST(Routes, SayWhatAPathTakes) {
  EXPECT_EQ(find_route("PATCH", "/v1/devices").allow, "POST, GET, HEAD");
  EXPECT_EQ(find_route("POST", "/v1/devices/x").allow, "GET, HEAD, DELETE");
  for (const std::string_view nowhere : {"", "/", "/v1", "/v1/", "/v1/devices/", "/v1/devices/a/b",
                                         "/v2/devices", "//healthz", "/healthz/"}) {
    const Found found = find_route("GET", nowhere);
    EXPECT_EQ(found.route, nullptr) << nowhere;
    EXPECT_EQ(found.allow, "") << nowhere;
  }
}

/// The keys in the first column of the tables of docs/registrar.md: "| `table.key` | …".
std::set<std::string> documented_keys() {
  std::istringstream lines{read("/docs/registrar.md")};
  std::set<std::string> keys;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| `")) {
      keys.insert(line.substr(3, line.find('`', 3) - 3));
    }
  }
  return keys;
}

TEST(RegistrarSettings, AreDocumentedKeyByKey) {
  std::set<std::string> accepted;
  for (const std::string_view key : kTopKeys) {
    if (key != "broker" && key != "limits") {
      accepted.emplace(key);
    }
  }
  for (const std::string_view key : kBrokerKeys) {
    accepted.insert(std::string{"broker."}.append(key));
  }
  for (const std::string_view key : kLimitsKeys) {
    accepted.insert(std::string{"limits."}.append(key));
  }
  EXPECT_THAT(documented_keys(), ::testing::ContainerEq(accepted));
}

TEST(RegistrarSettings, HaveAnExampleThatLoads) {
  const auto settings = load_settings(kRoot + "/config/countersign-registrar.toml");
  EXPECT_TRUE(settings) << settings.why().text;
}

}  // namespace
}  // namespace countersign::registrar
