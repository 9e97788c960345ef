#include "store/writer.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>

#include "workbench.hpp"

namespace countersign::store {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

/// Wakes by a condition variable, and counts.
class TestWaker final : public Waker {
 public:
  void wake() noexcept override {
    ++count;
    const std::lock_guard lock{mutex_};
    woken_ = true;
    changed_.notify_one();
  }
  /// False if nobody woke us in time.
  bool wait() {
    std::unique_lock lock{mutex_};
    const bool woken = changed_.wait_for(lock, 10s, [this] { return woken_; });
    woken_ = false;
    return woken;
  }
  std::atomic<int> count{0};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
};

/// What a store was asked to do, and when it shall fail or wait.
struct Script {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::vector<Change>> batches;
  bool held = false;
  bool failing = false;

  void set(bool Script::*what, bool value) {
    const std::lock_guard lock{mutex};
    this->*what = value;
    changed.notify_all();
  }
  /// True once `count` batches have arrived.
  bool arrived(std::size_t count) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, 10s, [&] { return batches.size() >= count; });
  }
};

/// Stands for a disk that fails when told: the real one is slow to fill on demand.
class ScriptedStore final : public Store {
 public:
  explicit ScriptedStore(Script& script) : script_{script} {}
  Outcome<std::string> server_id() override { return std::string{"t"}; }
  Outcome<std::uint64_t> run() override { return std::uint64_t{0}; }
  Outcome<std::uint64_t> raise_run() override { return std::uint64_t{0}; }
  Outcome<std::uint64_t> count() override { return std::uint64_t{0}; }
  Status load(const std::function<void(Record&&)>& /*take*/) override { return Done{}; }
  Status load_learned(const std::function<void(SetLearned&&)>& /*take*/) override { return Done{}; }
  Status load_tokens(const std::function<void(EnrolmentToken&&)>& /*take*/) override {
    return Done{};
  }
  Status load_cards(const std::function<void(Card&&)>& /*take*/) override { return Done{}; }
  Status apply(std::span<const Change> changes) override {
    std::unique_lock lock{script_.mutex};
    script_.batches.emplace_back(changes.begin(), changes.end());
    script_.changed.notify_all();
    script_.changed.wait(lock, [this] { return !script_.held; });
    if (script_.failing) {
      return Failure{"disk full", "make room"};
    }
    return Done{};
  }

 private:
  Script& script_;
};

class WriterTest : public Workbench {
 protected:
  void start(WriterOptions options = {}) {
    start([this] { return Opened{std::make_unique<ScriptedStore>(script)}; }, options);
  }
  void start_real(WriterOptions options = {}) {
    start([this] { return Opened{create()}; }, options);
  }
  void start(const Opener& open, WriterOptions options) {
    auto started = Writer::start(open, waker, options);
    ASSERT_TRUE(started) << started.why().message();
    writer = std::move(*started);
  }

  /// Drains until `count` completions have come.
  std::vector<Completion> drain(std::size_t count) {
    std::vector<Completion> out;
    while (out.size() < count && waker.wait()) {
      writer->drain([&](const Completion& completion) { out.push_back(completion); });
    }
    EXPECT_EQ(out.size(), count);
    return out;
  }

  static std::vector<int> scores(const std::vector<Change>& batch) {
    std::vector<int> out;
    for (const Change& change : batch) {
      const auto* const reputation = std::get_if<SetReputation>(&change);
      out.push_back(reputation != nullptr ? reputation->reputation.score : -1);
    }
    return out;
  }

  static SetReputation score(const std::string& identity, std::int8_t value) {
    return {identity, {Level::auth2, value}};
  }

  TestWaker waker;
  Script script;
  std::unique_ptr<Writer> writer;
};

TEST_F(WriterTest, MakesChangesDurableAndSaysSo) {
  start_real();
  const auto ticket = writer->submit(PutRecord{device("a")});
  ASSERT_TRUE(ticket);
  const auto done = drain(1);
  EXPECT_EQ(done[0].ticket, *ticket);
  EXPECT_TRUE(done[0].durable) << done[0].error;
  writer.reset();
  EXPECT_EQ(all(*open()).count("a"), 1U) << "seen by another connection";
}

TEST_F(WriterTest, WakesUntilItIsDrained) {
  start();
  ASSERT_TRUE(writer->submit(RemoveRecord{"a"}));
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (waker.count < 5 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_GE(waker.count, 5) << "the first signals may come when nobody sleeps";
  writer->drain([](const Completion&) {});
  std::this_thread::sleep_for(5ms);
  const int after = waker.count;
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(waker.count, after) << "and then leaves the broker alone";
}

TEST_F(WriterTest, CommitsTogetherWhatWaitsTogether) {
  start();
  script.set(&Script::held, true);
  ASSERT_TRUE(writer->submit(RemoveRecord{"first"}));
  ASSERT_TRUE(script.arrived(1));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(writer->submit(RemoveRecord{std::to_string(i)}));
  }
  script.set(&Script::held, false);
  EXPECT_EQ(drain(101).back().ticket, 101U);
  ASSERT_EQ(script.batches.size(), 2U);
  ASSERT_EQ(script.batches[1].size(), 100U);
  EXPECT_EQ(identity_of(script.batches[1][99]), "99") << "in order";
}

TEST_F(WriterTest, FailsExactlyTheTicketsOfAFailedCommit) {
  start();
  const auto good = writer->submit(RemoveRecord{"a"});
  EXPECT_TRUE(drain(1)[0].durable);
  script.set(&Script::failing, true);
  const auto bad = writer->submit(RemoveRecord{"b"});
  const auto failed = drain(1);
  EXPECT_EQ(failed[0].ticket, bad);
  EXPECT_FALSE(failed[0].durable);
  EXPECT_EQ(failed[0].error, "disk full (make room)");
  EXPECT_TRUE(writer->failing());
  script.set(&Script::failing, false);
  const auto later = writer->submit(RemoveRecord{"c"});
  const auto done = drain(1);
  EXPECT_EQ(done[0].ticket, later);
  EXPECT_TRUE(done[0].durable);
  EXPECT_FALSE(writer->failing());
  EXPECT_EQ(writer->failed_commits(), 1U);
  EXPECT_LT(*good, *bad);
}

TEST_F(WriterTest, TakesNoMoreThanItsQueueHolds) {
  start({.queue = 3, .batch = 1, .note_delay = 1000});
  script.set(&Script::held, true);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(writer->submit(RemoveRecord{"a"}));
  }
  EXPECT_FALSE(writer->submit(RemoveRecord{"a"}));
  script.set(&Script::held, false);
  drain(3);
  EXPECT_TRUE(writer->submit(RemoveRecord{"a"}));
}

TEST_F(WriterTest, CommitsManyNotesOnce) {
  start({.queue = 10, .batch = 10, .note_delay = 50});
  for (std::int8_t i = 0; i < 100; ++i) {
    writer->note(score("a", i));
  }
  ASSERT_TRUE(script.arrived(1));
  writer->flush_and_stop();
  ASSERT_EQ(script.batches.size(), 1U);
  EXPECT_THAT(scores(script.batches[0]), ElementsAre(99));
}

TEST_F(WriterTest, LetsASubmittedReputationReplaceANote) {
  start({.queue = 10, .batch = 10, .note_delay = 60'000});
  writer->note(score("a", 1));
  writer->note(score("b", 2));
  ASSERT_TRUE(writer->submit(SetExpulsion{"a", {Level::auth0, 2}, {}}));
  writer->flush_and_stop();
  ASSERT_FALSE(script.batches.empty());
  EXPECT_THAT(scores(script.batches[0]), ElementsAre(-1, 2)) << "a's note is gone";
}

TEST_F(WriterTest, KeepsANoteBehindWhatWasSubmittedBefore) {
  start({.queue = 10, .batch = 1, .note_delay = 60'000});
  script.set(&Script::held, true);
  ASSERT_TRUE(writer->submit(RemoveRecord{"x"}));
  ASSERT_TRUE(script.arrived(1));
  ASSERT_TRUE(writer->submit(SetExpulsion{"a", {Level::auth0, 2}, {}}));
  ASSERT_TRUE(writer->submit(RemoveRecord{"y"}));
  writer->note(score("a", 5));
  script.set(&Script::held, false);
  writer->flush_and_stop();
  EXPECT_THAT(scores(script.batches.back()), ::testing::Contains(5));
}

TEST_F(WriterTest, TriesFailedNotesAgainUnlessTheyAreStale) {
  start({.queue = 10, .batch = 10, .note_delay = 10});
  script.set(&Script::failing, true);
  script.set(&Script::held, true);
  writer->note(score("a", 1));
  writer->note(score("b", 2));
  writer->note(score("c", 3));
  ASSERT_TRUE(script.arrived(1));
  writer->note(score("b", 20));
  ASSERT_TRUE(writer->submit(RemoveRecord{"c"}));
  script.set(&Script::failing, false);
  script.failing = true;
  script.set(&Script::held, false);
  ASSERT_TRUE(script.arrived(2));
  script.set(&Script::failing, false);
  writer->flush_and_stop();
  std::map<std::string, int> last;
  for (const auto& batch : script.batches) {
    for (const Change& change : batch) {
      const auto* const reputation = std::get_if<SetReputation>(&change);
      last[identity_of(change)] = reputation != nullptr ? reputation->reputation.score : -1;
    }
  }
  EXPECT_EQ(last["a"], 1);
  EXPECT_EQ(last["b"], 20);
  EXPECT_EQ(last["c"], -1) << "removed, and no old note after it";
}

TEST_F(WriterTest, CommitsEverythingBeforeItStops) {
  start_real({.queue = 1000, .batch = 7, .note_delay = 60'000});
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(writer->submit(PutRecord{device("mote-" + std::to_string(i))}));
  }
  writer->note(score("mote-7", 17));
  writer->flush_and_stop();
  std::size_t durable = 0;
  writer->drain([&](const Completion& completion) { durable += completion.durable ? 1U : 0U; });
  EXPECT_EQ(durable, 500U);
  EXPECT_FALSE(writer->submit(RemoveRecord{"a"})) << "stopped";
  writer.reset();
  auto records = all(*open());
  EXPECT_EQ(records.size(), 500U);
  EXPECT_EQ(records.at("mote-7").reputation.score, 17);
}

TEST_F(WriterTest, StopsThoughTheDiskStaysFull) {
  start({.queue = 10, .batch = 10, .note_delay = 10});
  script.set(&Script::failing, true);
  writer->note(score("a", 1));
  const auto ticket = writer->submit(RemoveRecord{"b"});
  writer->flush_and_stop();
  std::vector<Completion> done;
  writer->drain([&](const Completion& completion) { done.push_back(completion); });
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].ticket, ticket);
  EXPECT_FALSE(done[0].durable);
}

TEST_F(WriterTest, SaysWhyItsStoreCannotBeOpened) {
  const auto started = Writer::start([] { return Opened{Failure{"no such file", {}}}; }, waker);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.why().message(), "no such file");
}

TEST_F(WriterTest, OpensAndClosesItsStoreApartFromTheBrokersFiles) {
  const auto open_files = [] {
    const std::filesystem::directory_iterator files{"/proc/self/fd"};
    return std::distance(begin(files), end(files));
  };
  const auto before = open_files();
  start_real();
  EXPECT_EQ(open_files(), before) << "the database stands in the other table";
  ASSERT_TRUE(writer->submit(PutRecord{device("a")}));
  EXPECT_TRUE(drain(1)[0].durable);
  writer.reset();
  EXPECT_EQ(open_files(), before);
}

TEST_F(WriterTest, LeavesSignalsToTheBroker) {
  start();
  static std::atomic<pthread_t> receiver;
  struct sigaction ours {};
  ours.sa_handler = [](int) { receiver = ::pthread_self(); };
  struct sigaction before {};
  ::sigaction(SIGUSR2, &ours, &before);
  // blocked here: only the writer's thread could still take it
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGUSR2);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  receiver = pthread_t{};
  ::kill(::getpid(), SIGUSR2);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(receiver.load(), pthread_t{});
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  EXPECT_EQ(receiver.load(), ::pthread_self());
  ::sigaction(SIGUSR2, &before, nullptr);
}

}  // namespace
}  // namespace countersign::store
