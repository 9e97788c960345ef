#include "engine/handle_map.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

namespace countersign::engine::test {
namespace {

/// Addresses as malloc gives them, never null.
ClientHandle handle_of(std::size_t number) {
  struct alignas(16) Context {};
  static std::array<Context, 1001> contexts;
  return &contexts.at(number);
}

TEST(HandleMap, FindsNothingWhereNothingIs) {
  HandleMap<int> map;
  EXPECT_EQ(map.find(handle_of(1)), nullptr);
  map.erase(handle_of(1));
  EXPECT_EQ(map.size(), 0U);
}

TEST(HandleMap, NeverMovesWhatItHolds) {
  HandleMap<int> map;
  int* const first = &map.add(handle_of(1));
  for (std::size_t i = 2; i <= 1000; ++i) {
    map.add(handle_of(i));
  }
  EXPECT_EQ(map.find(handle_of(1)), first);
}

// gaps left by those that went are where an open table loses others
TEST(HandleMap, DoesAsAMapDoes) {
  HandleMap<std::uint64_t> map;
  std::map<ClientHandle, std::uint64_t> model;
  std::mt19937_64 random;
  for (std::uint64_t turn = 0; turn < 100'000; ++turn) {
    const ClientHandle handle = handle_of(1 + random() % 300);
    ASSERT_EQ(map.find(handle) != nullptr, model.contains(handle));
    if (model.contains(handle)) {
      ASSERT_EQ(*map.find(handle), model[handle]);
      map.erase(handle);
      model.erase(handle);
    } else {
      map.add(handle) = turn;
      model[handle] = turn;
    }
    ASSERT_EQ(map.size(), model.size());
  }
  std::size_t seen = 0;
  std::uint64_t sum = 0;
  map.for_each([&](std::uint64_t value) {
    ++seen;
    sum += value;
  });
  for (const auto& [handle, value] : model) {
    ASSERT_EQ(*map.find(handle), value);
    sum -= value;
  }
  EXPECT_EQ(seen, model.size());
  EXPECT_EQ(sum, 0U);
}

}  // namespace
}  // namespace countersign::engine::test
