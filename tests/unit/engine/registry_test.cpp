#include "engine/registry.hpp"

#include <gtest/gtest.h>

#include <string>

namespace countersign::engine {
namespace {

constexpr std::size_t kMoreThanFit = 5000;

class RegistryTest : public testing::Test {
 protected:
  Principal& put(const std::string& identity, const std::string& role) {
    store::Record record;
    record.identity = identity;
    record.roles = {role};
    return registry_.put(record);
  }
  bool has_only(const Principal& principal, const std::string& role) const {
    const auto roles = registry_.roles_of(principal);
    return roles.size() == 1 && roles[0] == role;
  }

  openssl::OpenSslCrypto crypto_;
  Registry registry_{crypto_};
};

TEST_F(RegistryTest, GivesNobodyAnothersRolesHoweverManyCameAndWent) {
  const Principal& boss = put("boss", "admin");
  Principal& mote = put("mote-3", "field");
  for (std::size_t i = 0; i < kMoreThanFit; ++i) {
    const std::string role = "role-" + std::to_string(i);
    registry_.set_roles(mote, {role});
    ASSERT_TRUE(has_only(mote, role)) << i;
  }
  EXPECT_TRUE(has_only(boss, "admin"));
}

TEST_F(RegistryTest, GivesNoRolesWhereThereIsNoRoomForANewSet) {
  const Principal& boss = put("boss", "admin");
  for (std::size_t i = 0; i < kMoreThanFit; ++i) {
    const std::string name = "mote-" + std::to_string(i);
    const Principal& mote = put(name, name);
    ASSERT_TRUE(has_only(mote, name) || registry_.roles_of(mote).empty()) << i;
  }
  EXPECT_TRUE(registry_.roles_of(*registry_.find("mote-4999")).empty());
  EXPECT_TRUE(has_only(boss, "admin"));
}

}  // namespace
}  // namespace countersign::engine
