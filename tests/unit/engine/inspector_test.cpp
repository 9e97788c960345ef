#include "engine/inspector.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "store/key_file.hpp"
#include "store/sqlite_store.hpp"
#include "unit/config/plant.hpp"

namespace countersign::engine {
namespace {

namespace fs = std::filesystem;

class NoBroker final : public Broker {
 public:
  virtual ~NoBroker() = default;
  void send(const std::string&, const std::string&, ByteView) override {}
  void kick(const std::string&, bool) override {}
  bool set_username(ClientHandle, const std::string&) override { return true; }
  void log(Severity, const std::string&) override {}
};

/// One device at AUTH3 with a full score and a live session, on a real store: what a broker cannot
/// be made to do is to answer in the moment between a limit and the engine's next look at its
/// clocks.
class InspectorTest : public ::testing::Test {
 protected:
  InspectorTest() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    EXPECT_TRUE(store::make_key_file(folder_ / "wrap.key"));
    auto key = store::load_key_file(folder_ / "wrap.key");
    auto made = store::SqliteStore::create(folder_ / "db", std::move(*key), "t");
    EXPECT_TRUE(made);
    writer_.emplace(std::move(*made), waker_);
    commits_.begin(*writer_);
    store::Record record;
    record.identity = "mote-3";
    record.reputation = {Level::auth3, kMaxScore};
    mote_ = &registry_.put(record);
    Agreement agreement;
    agreement.kid = 1;
    EXPECT_NE(sessions_.open(*mote_, agreement, 1), nullptr);
  }
  ~InspectorTest() override { fs::remove_all(folder_); }

  fs::path folder_ =
      fs::path{testing::TempDir()} / ("countersign-inspector-" + std::to_string(::getpid()));
  openssl::OpenSslCrypto crypto_;
  openssl::OpenSslRandom random_;
  NoBroker broker_;
  config::Settings settings_ = config::settings_of(config::kPlant);
  Registry registry_{crypto_};
  dataserv::DataServ dataserv_;
  Connections connections_;
  Addresses addresses_{1};
  AuditFile audit_{"/dev/null", 64};
  store::SignalWaker waker_;
  std::optional<store::Writer> writer_;
  Commits commits_;
  Metrics metrics_;
  Context context_{crypto_,      random_,    broker_, &settings_, registry_, dataserv_,
                   connections_, addresses_, audit_,  commits_,   metrics_};
  Sessions sessions_{context_};
  Inspector inspector_{context_, sessions_};
  Principal* mote_ = nullptr;
};

TEST_F(InspectorTest, TakesALateAnswerForAMissedLimit) {
  mote_->enforcement_deadline = 1000;
  inspector_.log_in(*mote_, 1001);
  EXPECT_FALSE(mote_->has_live_session());
  EXPECT_EQ(mote_->reputation, (Reputation{Level::auth2, kInitialScore}));
  EXPECT_EQ(mote_->enforcement_deadline, 0);
}

TEST_F(InspectorTest, RenewsABadScoreOnlyAfterAFall) {
  for (const bool fallen : {false, true}) {
    mote_->reputation = {Level::auth2, 2};
    mote_->enforcement_deadline = 1000;
    mote_->fallen = fallen;
    inspector_.log_in(*mote_, 1000);
    EXPECT_TRUE(mote_->has_live_session());
    EXPECT_EQ(mote_->reputation.score, fallen ? kInitialScore : 2);
  }
}

TEST_F(InspectorTest, ChangesNothingAtALoginThatNobodyDemanded) {
  inspector_.log_in(*mote_, 1000);
  EXPECT_EQ(mote_->reputation, (Reputation{Level::auth3, kMaxScore}));
}

}  // namespace
}  // namespace countersign::engine
