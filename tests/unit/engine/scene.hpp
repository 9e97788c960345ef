#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/sessions.hpp"
#include "store/key_file.hpp"
#include "store/sqlite_store.hpp"
#include "unit/config/plant.hpp"

namespace countersign::engine {

/// A broker that only remembers what it was to send.
class SilentBroker final : public Broker {
 public:
  virtual ~SilentBroker() = default;
  void send(const std::string&, const std::string& topic, ByteView payload) override {
    sent.push_back({topic, {payload.begin(), payload.end()}});
  }
  void kick(const std::string&, bool) override {}
  bool set_username(ClientHandle, const std::string&) override { return true; }
  void log(Severity, const std::string&) override {}

  struct Sent {
    std::string topic;
    std::vector<std::byte> payload;
  };
  std::vector<Sent> sent;
};

/// The engine's parts on a real store, and a clock in the test's hand: what a broker cannot be made
/// to do is to act in the moment between a limit and the engine's next look at it.
class Scene : public ::testing::Test {
 protected:
  Scene() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    EXPECT_TRUE(store::make_key_file(folder_ / "wrap.key"));
    auto key = store::load_key_file(folder_ / "wrap.key");
    const auto make = [&]() -> store::Outcome<std::unique_ptr<store::Store>> {
      auto made = store::SqliteStore::create(folder_ / "db", std::move(*key), "t");
      EXPECT_TRUE(made);
      return {std::move(*made)};
    };
    auto writer = store::Writer::start(make, waker_);
    EXPECT_TRUE(writer);
    writer_ = std::move(*writer);
    commits_.begin(*writer_);
  }
  ~Scene() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_ = std::filesystem::path{testing::TempDir()} /
                                  ("countersign-engine-" + std::to_string(::getpid()) + "-" +
                                   testing::UnitTest::GetInstance()->current_test_info()->name());
  openssl::OpenSslCrypto crypto_;
  openssl::OpenSslRandom random_;
  SilentBroker broker_;
  config::Settings settings_ = config::settings_of(config::kPlant);
  Registry registry_{crypto_};
  dataserv::DataServ dataserv_;
  Connections connections_;
  Addresses addresses_{1};
  AuditFile audit_{"/dev/null", 64};
  store::SignalWaker waker_;
  std::unique_ptr<store::Writer> writer_;
  Commits commits_;
  Metrics metrics_;
  Context context_{crypto_,      random_,    broker_, &settings_, registry_, dataserv_,
                   connections_, addresses_, audit_,  commits_,   metrics_};
  Sessions sessions_{context_};
};

}  // namespace countersign::engine
