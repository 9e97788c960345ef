#include <gmock/gmock.h>
#include <sys/stat.h>

#include "store/lock.hpp"
#include "store/state_file.hpp"
#include "workbench.hpp"

namespace countersign::store {
namespace {

using ::testing::HasSubstr;

/// As a user whom modes stop, if we are root.
class AsNobody {
 public:
  AsNobody() : changed_{::geteuid() == 0 && ::seteuid(65534) == 0} {}
  ~AsNobody() {
    if (changed_) {
      static_cast<void>(!::seteuid(0));
    }
  }

 private:
  bool changed_;
};

class FileFaultTest : public Workbench {
 protected:
  void give_to_nobody() {
    if (::geteuid() == 0) {
      for (const auto& entry : std::filesystem::directory_iterator{directory()}) {
        ASSERT_EQ(::chown(entry.path().c_str(), 65534, 65534), 0);
      }
      ASSERT_EQ(::chown(directory().c_str(), 65534, 65534), 0);
    }
  }
};

TEST_F(FileFaultTest, AReadOnlyDirectoryIsRefusedAtOpen) {
  create();
  give_to_nobody();
  ::chmod(directory().c_str(), 0500);
  {
    const AsNobody nobody;
    const auto store = SqliteStore::open(path("c.db"), key());
    ASSERT_FALSE(store);
    EXPECT_THAT(store.why().message(), HasSubstr("writ"));
    EXPECT_FALSE(Lock::take(path("c.db")));
    EXPECT_FALSE(save_state(directory(), 1, bytes_of("x")));
    EXPECT_FALSE(SqliteStore::create(path("new.db"), key(), "t"));
  }
  ::chmod(directory().c_str(), 0700);
}

TEST_F(FileFaultTest, AReadOnlyDatabaseIsRefusedAtOpen) {
  create();
  give_to_nobody();
  ::chmod(path("c.db").c_str(), 0400);
  const AsNobody nobody;
  auto store = SqliteStore::open(path("c.db"), key());
  EXPECT_FALSE(store && (*store)->raise_run());
}

TEST_F(FileFaultTest, ALinkToADatabaseIsRefused) {
  create();
  std::filesystem::create_symlink(path("c.db"), path("link.db"));
  EXPECT_FALSE(SqliteStore::open(path("link.db"), key()));
}

TEST_F(FileFaultTest, AMissingDirectoryIsNamed) {
  const auto store = SqliteStore::create(path("none/c.db"), key(), "t");
  ASSERT_FALSE(store);
  EXPECT_THAT(store.why().message(), HasSubstr("none/c.db"));
  EXPECT_FALSE(save_state(path("none"), 1, bytes_of("x")));
}

}  // namespace
}  // namespace countersign::store
