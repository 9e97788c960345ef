#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "store/sqlite_store.hpp"

namespace countersign::store {

/// What a writer's opener gives.
using Opened = Outcome<std::unique_ptr<Store>>;

/// A directory of its own for each test.
class Workbench : public ::testing::Test {
 protected:
  Workbench() { std::filesystem::create_directories(directory_); }
  ~Workbench() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const {
    return (directory_ / name).string();
  }
  [[nodiscard]] std::string directory() const { return directory_.string(); }

  static std::string read(const std::string& name) {
    std::ifstream file{name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  static void write(const std::string& name, const std::string& text) {
    std::ofstream{name, std::ios::binary} << text;
  }

  static WrapKey key(unsigned char fill = 7) {
    Key32 bytes;
    for (std::byte& b : bytes.fill()) {
      b = std::byte{fill};
    }
    return WrapKey{bytes};
  }

  std::unique_ptr<SqliteStore> create(const std::string& name = "c.db") {
    auto store = SqliteStore::create(path(name), key(), "plant-broker");
    EXPECT_TRUE(store) << store.why().message();
    return store ? std::move(*store) : nullptr;
  }
  std::unique_ptr<SqliteStore> open(const std::string& name = "c.db") {
    auto store = SqliteStore::open(path(name), key());
    EXPECT_TRUE(store) << store.why().message();
    return store ? std::move(*store) : nullptr;
  }

  static std::map<std::string, Record> all(Store& store) {
    std::map<std::string, Record> records;
    const Status loaded = store.load([&](Record&& record) {
      std::string identity = record.identity;
      records.emplace(std::move(identity), std::move(record));
    });
    EXPECT_TRUE(loaded) << loaded.why().message();
    return records;
  }

  static Record device(const std::string& identity) {
    Record record;
    record.identity = identity;
    for (std::byte& b : record.k.fill()) {
      b = std::byte{0x42};
    }
    return record;
  }

  static bool apply(Store& store, std::vector<Change> changes) {
    const Status status = store.apply(changes);
    return static_cast<bool>(status);
  }

 private:
  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() /
      ("countersign-store-" + std::to_string(::getpid()) + "-" +
       ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

}  // namespace countersign::store
