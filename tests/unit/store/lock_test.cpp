#include "store/lock.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "workbench.hpp"

namespace countersign::store {
namespace {

using LockTest = Workbench;

TEST_F(LockTest, IsHeldByOneOnly) {
  const auto first = Lock::take(path("c.db"));
  ASSERT_TRUE(first) << first.why().message();
  const auto second = Lock::take(path("c.db"));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.why().message(), ::testing::HasSubstr("stop it first"));
  EXPECT_TRUE(Lock::take(path("d.db")));
}

TEST_F(LockTest, EndsWithItsHolder) {
  { EXPECT_TRUE(Lock::take(path("c.db"))); }
  EXPECT_TRUE(Lock::take(path("c.db")));
}

TEST_F(LockTest, EndsWhenTheProcessIsKilled) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto held = Lock::take(path("c.db"));
    ::_exit(held ? 0 : 1);  // without any destructor
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_TRUE(Lock::take(path("c.db")));
}

TEST_F(LockTest, FollowsNoLink) {
  write(path("victim"), "");
  std::filesystem::create_symlink(path("victim"), path("c.db.lock"));
  EXPECT_FALSE(Lock::take(path("c.db")));
}

}  // namespace
}  // namespace countersign::store
