#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "store/key_file.hpp"
#include "store/state_file.hpp"
#include "store/writer.hpp"
#include "workbench.hpp"

namespace countersign::store {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

/// No file of this process grows beyond `bytes` while it lives: write says EFBIG, as a full disk
/// says ENOSPC.
class NoRoom {
 public:
  explicit NoRoom(rlim_t bytes) : ignored_{::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~NoRoom() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    static_cast<void>(::signal(SIGXFSZ, ignored_));
  }

 private:
  rlimit before_{};
  void (*ignored_)(int);
};

class DiskFullTest : public Workbench {
 protected:
  static std::vector<Change> many(int count) {
    std::vector<Change> changes;
    for (int i = 0; i < count; ++i) {
      Record record = device("mote-" + std::to_string(i));
      record.label = std::string(200, 'x');
      changes.emplace_back(PutRecord{std::move(record)});
    }
    return changes;
  }
};

TEST_F(DiskFullTest, RefusesAChangeAndGoesOnWhenThereIsRoom) {
  auto store = create();
  ASSERT_TRUE(apply(*store, {PutRecord{device("first")}}));
  {
    const NoRoom no_room{256 * 1024};
    const Status status = store->apply(many(5000));
    ASSERT_FALSE(status);
    EXPECT_FALSE(status.why().message().empty());
  }
  EXPECT_EQ(all(*store).size(), 1U) << "none of a failed transaction is seen";
  EXPECT_TRUE(apply(*store, many(10)));
  store.reset();
  EXPECT_EQ(all(*open()).size(), 11U);
}

TEST_F(DiskFullTest, SaysThatTheDiskIsFull) {
  std::filesystem::create_directory(path("small"));
  if (::mount("none", path("small").c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "may not mount a small disk";
  }
  {
    auto store = create("small/c.db");
    ASSERT_TRUE(store);
    const Status status = store->apply(many(5000));
    ASSERT_FALSE(status);
    EXPECT_THAT(status.why().message(), AnyOf(HasSubstr("full"), HasSubstr("disk")));
    EXPECT_TRUE(all(*store).empty());
    EXPECT_TRUE(apply(*store, {PutRecord{device("a")}})) << "what fits is taken again";
  }
  EXPECT_EQ(::umount(path("small").c_str()), 0);
}

TEST_F(DiskFullTest, FailsTheTicketsAndKeepsTheWriterAlive) {
  struct Nobody final : Waker {
    void wake() noexcept override {}
  } nobody;
  auto started = Writer::start([this] { return Opened{create()}; }, nobody);
  ASSERT_TRUE(started);
  Writer& writer = **started;
  const auto wait = [&](std::size_t count) {
    std::vector<Completion> done;
    for (int i = 0; i < 10'000 && done.size() < count; ++i) {
      writer.drain([&](const Completion& completion) { done.push_back(completion); });
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return done;
  };
  {
    const NoRoom no_room{1};
    ASSERT_TRUE(writer.submit(many(1)[0]));
    const auto done = wait(1);
    ASSERT_EQ(done.size(), 1U);
    EXPECT_FALSE(done[0].durable);
    EXPECT_FALSE(done[0].error.empty());
  }
  ASSERT_TRUE(writer.submit(PutRecord{device("later")}));
  const auto done = wait(1);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_TRUE(done[0].durable) << done[0].error;
}

TEST_F(DiskFullTest, NeverRaisesARunThatIsNotDurable) {
  auto store = create();
  {
    const NoRoom no_room{1};
    EXPECT_FALSE(store->raise_run());
    EXPECT_FALSE(begin_run(*store, directory()));
  }
  EXPECT_EQ(*store->run(), 0U);
}

TEST_F(DiskFullTest, LeavesNoHalfFileBehind) {
  {
    const NoRoom no_room{16};
    EXPECT_FALSE(make_key_file(path("wrap.key")));
    EXPECT_FALSE(save_state(directory(), 1, bytes_of("much too long for so small a disk")));
    EXPECT_FALSE(SqliteStore::create(path("c.db"), key(), "t"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(directory()));
}

}  // namespace
}  // namespace countersign::store
