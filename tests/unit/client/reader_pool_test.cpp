#include "countersign/client/card/reader_pool.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "unit/octets.hpp"

namespace countersign::client {
namespace {

using namespace std::chrono_literals;
using countersign::test::from_hex;
using countersign::test::hex;
using countersign::test::Octets;
using countersign::test::operator+;
using Clock = std::chrono::steady_clock;

const std::string kCard = "0102030405060708";
const std::string kOther = "1111111111111111";

/// A reader and the card in it, as far as an agent asks for it.
struct FakeReader {
  std::string uid{};  ///< empty: no card
  std::chrono::milliseconds delay{0};
  std::uint32_t admin_counter = 7;
  std::uint8_t life_cycle = 0x05;
  std::string issuer_status = "9000";
  std::string proof_status = "9000";
  int reset_at = -1;              ///< this INS is answered by a reset, once
  bool acts_before_reset = true;  ///< the card did it, only the answer was lost
  std::vector<std::string> log{};
  int open_transactions = 0;
};

/// Readers by name. Each test's own, and it outlives the pool.
struct Fleet {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, FakeReader> readers;
  std::string hung;  ///< this reader never answers, until it is cleared
  int hanging = 0;
};

class FleetTransport final : public CardTransport {
 public:
  explicit FleetTransport(Fleet& fleet) : fleet_{fleet} {}

  CardError list(std::vector<ReaderState>&) override { return CardError::none; }
  CardError connect(const std::string& reader) override {
    const std::scoped_lock lock{fleet_.mutex};
    reader_ = &fleet_.readers[reader];
    name_ = reader;
    return reader_->uid.empty() ? CardError::no_card : CardError::none;
  }
  CardError reconnect() override { return CardError::none; }
  CardError begin() override {
    const std::scoped_lock lock{fleet_.mutex};
    ++reader_->open_transactions;
    return CardError::none;
  }
  void end() override {
    const std::scoped_lock lock{fleet_.mutex};
    --reader_->open_transactions;
  }
  void disconnect(bool) override {}

  CardError transmit(ByteView command, std::vector<std::byte>& answer) override {
    hang();
    std::this_thread::sleep_for(reader_->delay);
    const std::scoped_lock lock{fleet_.mutex};
    const int ins = std::to_integer<int>(command[1]);
    reader_->log.push_back(hex(command.subspan(1, 1)));
    const bool reset = reader_->reset_at == ins;
    if (!reset || reader_->acts_before_reset) {
      answer = run(ins, command);
    }
    if (reset) {
      reader_->reset_at = -1;
      return CardError::reset;
    }
    return reader_->uid.empty() ? CardError::no_card : CardError::none;
  }

 private:
  void hang() {
    std::unique_lock lock{fleet_.mutex};
    if (fleet_.hung == name_) {
      ++fleet_.hanging;
      fleet_.changed.notify_all();
      fleet_.changed.wait(lock, [this] { return fleet_.hung != name_; });
      --fleet_.hanging;
      fleet_.changed.notify_all();
    }
  }

  Octets run(int ins, ByteView command) {
    switch (ins) {
      case 0xA4:
        return from_hex("6f1f8407f0435349474e01a514800201008101018208" + reader_->uid + "8301" +
                        hex(Octets{static_cast<std::byte>(reader_->life_cycle)}) + "9000");
      case 0x88:
        return prove();
      default:
        return obey(ins, command.subspan(5, 4));
    }
  }

  Octets prove() const {
    if (reader_->proof_status != "9000") {
      return from_hex(reader_->proof_status);
    }
    const auto counter = be32(reader_->admin_counter);
    return Octets{static_cast<std::byte>(reader_->life_cycle)} +
           Octets{counter.begin(), counter.end()} + Octets(16, std::byte{0xAB}) + from_hex("9000");
  }

  Octets obey(int ins, ByteView number) {
    const std::uint32_t n = countersign::Reader{number}.be<std::uint32_t>();
    if (reader_->issuer_status == "9000" && n <= reader_->admin_counter) {
      return from_hex("6a80");
    }
    if (reader_->issuer_status == "9000") {
      reader_->admin_counter = n;
      reader_->life_cycle = ins == 0x04 ? 0x04 : 0x05;
    }
    return from_hex(reader_->issuer_status);
  }

  Fleet& fleet_;
  FakeReader* reader_ = nullptr;
  std::string name_;
};

class AReaderPool : public testing::Test {
 protected:
  void put(const std::string& reader, FakeReader what) {
    fleet.readers[reader] = std::move(what);
    pool->add(reader);
  }

  CardAnswer carry(const CardOrder& order) {
    std::promise<CardAnswer> promise;
    pool->carry(order, [&](const CardAnswer& answer) { promise.set_value(answer); });
    return promise.get_future().get();
  }

  CardSighting identify(const std::string& reader) {
    std::promise<CardSighting> promise;
    pool->identify(reader, [&](const CardSighting& seen) { promise.set_value(seen); });
    return promise.get_future().get();
  }

  static CardOrder order_for(const std::string& uid, IssuerCommand command = IssuerCommand::none,
                             std::uint32_t n = 0) {
    CardOrder order;
    copy(from_hex(uid), order.uid);
    order.command = command;
    order.proof.n = n;
    return order;
  }

  std::vector<std::string> log(const std::string& reader) {
    const std::scoped_lock lock{fleet.mutex};
    return fleet.readers[reader].log;
  }

  Fleet fleet;
  std::unique_ptr<ReaderPool> pool = std::make_unique<ReaderPool>(
      [this] { return std::make_unique<FleetTransport>(fleet); }, 300ms);
};

TEST_F(AReaderPool, SaysWhoseCardIsInAReader) {
  put("a", {.uid = kCard});
  put("b", {});
  const auto seen = identify("a");
  ASSERT_TRUE(seen.uid);
  EXPECT_EQ(hex(*seen.uid), kCard);
  EXPECT_EQ(seen.life_cycle, LifeCycle::active);
  EXPECT_EQ(identify("b").why.what, CardError::no_card);
  EXPECT_EQ(identify("nowhere").why.what, CardError::no_reader);
}

TEST_F(AReaderPool, SeesThatACardWasSwapped) {
  put("a", {.uid = kCard});
  static_cast<void>(identify("a"));
  fleet.readers["a"].uid = kOther;
  const auto seen = identify("a");
  ASSERT_TRUE(seen.uid) << words_of(seen.why);
  EXPECT_EQ(hex(*seen.uid), kOther);
}

TEST_F(AReaderPool, BringsTheProofOfTheCardThatIsMeant) {
  put("a", {.uid = kOther});
  put("b", {.uid = kCard});
  put("c", {});
  const auto answer = carry(order_for(kCard));
  EXPECT_TRUE(answer.here);
  EXPECT_EQ(answer.reader, "b");
  EXPECT_EQ(answer.status, 0x9000);
  EXPECT_EQ(answer.presence.admin_counter, 7U);
  EXPECT_EQ(answer.presence.life_cycle, LifeCycle::active);
  EXPECT_EQ(answer.presence.proof[0], std::byte{0xAB});
}

TEST_F(AReaderPool, SaysWhenNobodyHasTheCard) {
  EXPECT_FALSE(carry(order_for(kCard)).here) << "no reader at all";
  put("a", {.uid = kOther});
  put("b", {});
  const auto answer = carry(order_for(kCard));
  EXPECT_FALSE(answer.here);
  EXPECT_EQ(answer.status, 0x6A82);
  EXPECT_EQ(log("a"), std::vector<std::string>{"a4"}) << "other cards are only asked who they are";
}

TEST_F(AReaderPool, DoesNotTroubleAReaderInWhichItIdentifiedAnotherCard) {
  put("a", {.uid = kOther});
  put("b", {.uid = kCard});
  static_cast<void>(identify("a"));
  static_cast<void>(identify("b"));
  EXPECT_EQ(carry(order_for(kCard)).reader, "b");
  EXPECT_FALSE(carry(order_for("ffffffffffffffff")).here);
  EXPECT_EQ(log("a"), std::vector<std::string>{"a4"}) << "when it was identified";
}

TEST_F(AReaderPool, AsksAReaderAgainWhoseCardIsForgotten) {
  put("a", {.uid = kOther});
  static_cast<void>(identify("a"));
  fleet.readers["a"].uid = kCard;
  EXPECT_FALSE(carry(order_for(kCard)).here) << "nobody said that it was swapped";
  pool->forget("a");
  EXPECT_EQ(carry(order_for(kCard)).reader, "a");
}

TEST_F(AReaderPool, TakesNoSightingFromBeforeTheCardWent) {
  put("a", {.uid = kOther, .delay = 50ms});
  std::promise<void> seen;
  pool->identify("a", [&](const CardSighting&) { seen.set_value(); });
  pool->forget("a");
  seen.get_future().wait();
  {
    const std::scoped_lock lock{fleet.mutex};
    fleet.readers["a"].uid = kCard;
  }
  EXPECT_TRUE(carry(order_for(kCard)).here);
}

TEST_F(AReaderPool, CarriesTheIssuersCommandBeforeTheProofInOneTransaction) {
  put("a", {.uid = kCard});
  const auto answer = carry(order_for(kCard, IssuerCommand::deactivate, 8));
  EXPECT_EQ(answer.status, 0x9000);
  EXPECT_EQ(answer.presence.admin_counter, 8U);
  EXPECT_EQ(answer.presence.life_cycle, LifeCycle::deactivated);
  EXPECT_EQ(log("a"), (std::vector<std::string>{"a4", "04", "88"}));
}

TEST_F(AReaderPool, ReportsWhatTheCardRefusesWithItsProof) {
  put("a", {.uid = kCard, .issuer_status = "6982"});
  const auto answer = carry(order_for(kCard, IssuerCommand::deactivate, 8));
  EXPECT_TRUE(answer.here);
  EXPECT_EQ(answer.status, 0x6982);
  EXPECT_EQ(answer.presence.admin_counter, 7U);
}

TEST_F(AReaderPool, ReportsACardWithoutAProofByItsStatusAndZeros) {
  put("a", {.uid = kCard, .proof_status = "6985"});
  const auto answer = carry(order_for(kCard));
  EXPECT_TRUE(answer.here);
  EXPECT_EQ(answer.status, 0x6985);
  EXPECT_EQ(answer.presence.admin_counter, 0U);
  EXPECT_EQ(answer.presence.life_cycle, LifeCycle::none);
}

TEST_F(AReaderPool, NeverSendsACommandTwiceThatTheCardHasTaken) {
  for (const bool took : {true, false}) {
    put("a", {.uid = kCard, .reset_at = 0x04, .acts_before_reset = took});
    const auto answer = carry(order_for(kCard, IssuerCommand::deactivate, 8));
    EXPECT_EQ(answer.status, 0x9000) << took;
    EXPECT_EQ(answer.presence.admin_counter, 8U);
    const auto sent = log("a");
    EXPECT_EQ(std::count(sent.begin(), sent.end(), "04"), took ? 1 : 2);
    EXPECT_EQ(fleet.readers["a"].open_transactions, 0);
    pool->remove("a");
  }
}

TEST_F(AReaderPool, GivesAnOrderToOneOfTwoCardsWithTheSameUid) {
  put("a", {.uid = kCard, .delay = 20ms});
  put("b", {.uid = kCard, .delay = 20ms});
  const auto answer = carry(order_for(kCard, IssuerCommand::deactivate, 8));
  EXPECT_TRUE(answer.here);
  pool.reset();
  EXPECT_EQ(log("a").size() + log("b").size(), 4U) << "SELECT twice, command and proof once";
}

TEST_F(AReaderPool, AsksItsReadersSideBySide) {
  for (int i = 0; i < 16; ++i) {
    put("reader " + std::to_string(i), {.uid = i == 15 ? kCard : kOther, .delay = 50ms});
  }
  const auto begun = Clock::now();
  EXPECT_TRUE(carry(order_for(kCard)).here);
  EXPECT_LT(Clock::now() - begun, 250ms) << "one after the other takes 800 ms";
}

TEST_F(AReaderPool, DoesNotWaitForASlowReaderOnceTheCardIsFound) {
  for (int i = 0; i < 16; ++i) {
    put("reader " + std::to_string(i),
        {.uid = i == 0 ? kCard : kOther, .delay = i == 1 ? 200ms : 0ms});
  }
  const auto begun = Clock::now();
  EXPECT_EQ(carry(order_for(kCard)).reader, "reader 0");
  EXPECT_LT(Clock::now() - begun, 190ms);
}

class AReaderPoolWithAReaderThatHangs : public AReaderPool {
 protected:
  void SetUp() override {
    put("a", {.uid = kCard});
    put("hung", {.uid = kOther});
    fleet.hung = "hung";
    pool->identify("hung", [this](const CardSighting&) { ++identified; });
    std::unique_lock lock{fleet.mutex};
    fleet.changed.wait(lock, [this] { return fleet.hanging == 1; });
  }

  /// As the service does when it dies. What was left behind ends before the fleet does.
  void let_go() {
    std::unique_lock lock{fleet.mutex};
    fleet.hung.clear();
    fleet.changed.notify_all();
    fleet.changed.wait(lock, [this] { return fleet.hanging == 0; });
  }

  void TearDown() override {
    let_go();
    pool.reset();
    std::this_thread::sleep_for(50ms);
  }

  std::atomic<int> identified = 0;
};

TEST_F(AReaderPoolWithAReaderThatHangs, AsksTheOthers) {
  EXPECT_EQ(carry(order_for(kCard)).reader, "a");
  EXPECT_TRUE(identify("a").uid);
}

TEST_F(AReaderPoolWithAReaderThatHangs, AnswersWhenTheTimeIsOver) {
  const auto begun = Clock::now();
  EXPECT_FALSE(carry(order_for("ffffffffffffffff")).here);
  EXPECT_GE(Clock::now() - begun, 300ms);
  EXPECT_LT(Clock::now() - begun, 5s);
}

TEST_F(AReaderPoolWithAReaderThatHangs, DoesNotDoLateWhatNobodyWaitsForAnyMore) {
  EXPECT_FALSE(carry(order_for(kOther, IssuerCommand::deactivate, 8)).here);
  let_go();
  EXPECT_TRUE(identify("hung").uid) << "it works again";
  const auto sent = log("hung");
  EXPECT_EQ(std::count(sent.begin(), sent.end(), "04"), 0);
}

TEST_F(AReaderPoolWithAReaderThatHangs, TakesItsReplacementAtOnce) {
  pool->remove("hung");
  fleet.readers["hung too"].uid = kOther;
  pool->add("hung too");
  EXPECT_FALSE(carry(order_for("ffffffffffffffff")).here);
  EXPECT_TRUE(identify("hung too").uid);
}

TEST_F(AReaderPoolWithAReaderThatHangs, DoesNotCollectOrdersForItWithoutEnd) {
  std::atomic<int> answered = 0;
  for (int i = 0; i < 1000; ++i) {
    pool->carry(order_for(kCard), [&](const CardAnswer&) { ++answered; });
  }
  const auto deadline = Clock::now() + 10s;
  while (answered < 1000 && Clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_EQ(answered, 1000);
}

TEST_F(AReaderPoolWithAReaderThatHangs, EndsAllTheSameAndSaysNothingAfterwards) {
  const auto begun = Clock::now();
  pool.reset();
  EXPECT_LT(Clock::now() - begun, 3s);
  let_go();
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(identified, 0);
}

}  // namespace
}  // namespace countersign::client
