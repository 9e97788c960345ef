#include "store/state_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "store/key_file.hpp"
#include "workbench.hpp"

namespace countersign::store {
namespace {

using ::testing::HasSubstr;

class StateFileTest : public Workbench {
 protected:
  Start begin() {
    auto start = begin_run(*store_, directory());
    EXPECT_TRUE(start) << start.why().message();
    return start ? *start : Start{};
  }
  bool save(std::uint64_t run, std::string_view text = "sessions and windows") {
    return static_cast<bool>(save_state(directory(), run, bytes_of(text)));
  }
  static std::string text(const Start& start) {
    return start.state ? std::string{text_of(*start.state)} : "nothing";
  }
  bool files_are_left() const {
    return std::filesystem::exists(path("sessions.state")) ||
           std::filesystem::exists(path("sessions.key"));
  }

  std::unique_ptr<SqliteStore> store_ = create();
};

TEST_F(StateFileTest, IsTakenUpByTheNextStart) {
  const Start first = begin();
  EXPECT_EQ(first.run, 1U);
  EXPECT_EQ(text(first), "nothing");
  EXPECT_EQ(first.note, "");
  ASSERT_TRUE(save(first.run));
  const Start second = begin();
  EXPECT_EQ(second.run, 2U);
  EXPECT_EQ(text(second), "sessions and windows");
  EXPECT_EQ(second.note, "");
}

TEST_F(StateFileTest, IsTakenUpOnce) {
  ASSERT_TRUE(save(begin().run));
  EXPECT_EQ(text(begin()), "sessions and windows");
  EXPECT_FALSE(files_are_left());
  EXPECT_EQ(text(begin()), "nothing");
}

TEST_F(StateFileTest, IsNotTakenUpFromABackup) {
  ASSERT_TRUE(save(begin().run));
  const std::string state = read(path("sessions.state"));
  const std::string key = read(path("sessions.key"));
  EXPECT_EQ(text(begin()), "sessions and windows");
  write(path("sessions.state"), state);
  write(path("sessions.key"), key);
  ::chmod(path("sessions.state").c_str(), 0600);
  ::chmod(path("sessions.key").c_str(), 0600);
  const Start start = begin();
  EXPECT_EQ(text(start), "nothing");
  EXPECT_THAT(start.note, HasSubstr("is of run 1"));
  EXPECT_FALSE(files_are_left());
}

TEST_F(StateFileTest, CannotBeRelabelled) {
  ASSERT_TRUE(save(begin().run));
  begin();
  ASSERT_TRUE(save(2));
  std::string state = read(path("sessions.state"));
  EXPECT_EQ(text(begin()), "sessions and windows");
  ASSERT_TRUE(save(3));
  std::string forged = state;
  forged[11] = 3;  // the run in its head
  write(path("sessions.state"), forged);
  const Start start = begin();
  EXPECT_EQ(text(start), "nothing");
  EXPECT_THAT(start.note, HasSubstr("does not open"));
}

TEST_F(StateFileTest, IsNotTakenUpIfAnythingIsWrongWithIt) {
  const auto spoil = [&](const std::function<void()>& how) {
    ASSERT_TRUE(save(*store_->run()));
    how();
    const Start start = begin();
    EXPECT_EQ(text(start), "nothing");
    EXPECT_FALSE(start.note.empty());
    EXPECT_FALSE(files_are_left());
  };
  begin();
  spoil([&] { std::filesystem::remove(path("sessions.key")); });
  spoil([&] { std::filesystem::remove(path("sessions.state")); });
  spoil([&] { std::filesystem::resize_file(path("sessions.state"), 30); });
  spoil([&] { std::filesystem::resize_file(path("sessions.state"), 0); });
  spoil([&] { ::chmod(path("sessions.key").c_str(), 0644); });
  spoil([&] { ::chmod(path("sessions.state").c_str(), 0666); });
  spoil([&] {
    std::filesystem::remove(path("sessions.key"));
    ASSERT_TRUE(make_key_file(path("sessions.key")));
  });
}

TEST_F(StateFileTest, NeverShowsASessionInTheClear) {
  ASSERT_TRUE(save(begin().run, "a session key"));
  EXPECT_EQ(read(path("sessions.state")).find("session key"), std::string::npos);
  struct stat status {};
  ::stat(path("sessions.key").c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  ::stat(path("sessions.state").c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(StateFileTest, ReplacesWhatAnEarlierStopLeft) {
  begin();
  ASSERT_TRUE(save(1, "old"));
  ASSERT_TRUE(save(1, "new"));
  EXPECT_EQ(text(begin()), "new");
}

TEST_F(StateFileTest, MayBeEmpty) {
  ASSERT_TRUE(save(begin().run, ""));
  const Start start = begin();
  ASSERT_TRUE(start.state);
  EXPECT_TRUE(start.state->empty());
}

TEST_F(StateFileTest, EndsTheStartIfItCannotBeDeleted) {
  ASSERT_TRUE(save(begin().run));
  std::filesystem::remove(path("sessions.key"));
  std::filesystem::create_directory(path("sessions.key"));
  EXPECT_FALSE(begin_run(*store_, directory()));
}

}  // namespace
}  // namespace countersign::store
