#include "store/key_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "workbench.hpp"

namespace countersign::store {
namespace {

using ::testing::HasSubstr;

class KeyFileTest : public Workbench {
 protected:
  std::string refused() {
    const auto loaded = load_key_file(path("wrap.key"));
    EXPECT_FALSE(loaded);
    return loaded ? "" : loaded.why().message();
  }
};

TEST_F(KeyFileTest, IsMadeOnceAndLoaded) {
  ASSERT_TRUE(make_key_file(path("wrap.key")));
  struct stat status {};
  ASSERT_EQ(::stat(path("wrap.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(status.st_size, 32);
  EXPECT_TRUE(load_key_file(path("wrap.key")));
  EXPECT_FALSE(make_key_file(path("wrap.key"))) << "it would lose every key";
}

TEST_F(KeyFileTest, IsAnotherEachTime) {
  ASSERT_TRUE(make_key_file(path("wrap.key")));
  ASSERT_TRUE(make_key_file(path("other.key")));
  EXPECT_NE(read(path("wrap.key")), read(path("other.key")));
}

TEST_F(KeyFileTest, IsRefusedIfOthersMayReadIt) {
  ASSERT_TRUE(make_key_file(path("wrap.key")));
  for (const mode_t mode : {0640U, 0604U, 0660U, 0601U}) {
    ::chmod(path("wrap.key").c_str(), mode);
    EXPECT_THAT(refused(), HasSubstr("chmod 600"));
  }
}

TEST_F(KeyFileTest, IsRefusedIfItIsNoFile) {
  ASSERT_TRUE(make_key_file(path("real.key")));
  std::filesystem::create_symlink(path("real.key"), path("wrap.key"));
  EXPECT_THAT(refused(), HasSubstr("not a link"));
  std::filesystem::remove(path("wrap.key"));
  std::filesystem::create_directory(path("wrap.key"));
  EXPECT_THAT(refused(), HasSubstr("no regular file"));
  std::filesystem::remove(path("wrap.key"));
  ASSERT_EQ(::mkfifo(path("wrap.key").c_str(), 0600), 0);
  EXPECT_THAT(refused(), HasSubstr("no regular file"));
  std::filesystem::remove(path("wrap.key"));
  EXPECT_THAT(refused(), HasSubstr("countersign setup"));
}

TEST_F(KeyFileTest, IsRefusedAtAnyOtherLength) {
  for (const std::size_t size : {0U, 31U, 33U, 5000U}) {
    write(path("wrap.key"), std::string(size, 'k'));
    ::chmod(path("wrap.key").c_str(), 0600);
    EXPECT_FALSE(refused().empty()) << size;
  }
}

TEST_F(KeyFileTest, OfAnotherUserIsRefused) {
  if (::geteuid() != 0) {
    GTEST_SKIP() << "only root can give files away";
  }
  ASSERT_TRUE(make_key_file(path("wrap.key")));
  std::filesystem::permissions(directory(), std::filesystem::perms::all);
  ASSERT_EQ(::seteuid(65534), 0);
  write(path("mine"), "x");
  const auto loaded = load_key_file(path("wrap.key"));
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_FALSE(loaded);
  // readable by its mode, and still another's
  ASSERT_EQ(::chown(path("wrap.key").c_str(), 65533, 65534), 0);
  ASSERT_EQ(::chmod(path("wrap.key").c_str(), 0604), 0);
  ASSERT_EQ(::seteuid(65534), 0);
  const auto foreign = load_key_file(path("wrap.key"));
  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_FALSE(foreign);
  EXPECT_THAT(foreign.why().message(), HasSubstr("another user"));
}

TEST_F(KeyFileTest, WrapsForOnePlaceOnly) {
  const WrapKey wrap = key();
  const std::string secret = "thirty-two bytes of secret text!";
  std::vector<std::byte> wrapped(secret.size() + kWrapOverheadBytes);
  ASSERT_TRUE(wrap.wrap("identities", "a", bytes_of(secret), wrapped));
  std::vector<std::byte> out(secret.size());
  EXPECT_TRUE(wrap.unwrap("identities", "a", wrapped, out));
  EXPECT_EQ(text_of(out), secret);
  EXPECT_FALSE(wrap.unwrap("identities", "b", wrapped, out));
  EXPECT_EQ(text_of(out), std::string(secret.size(), '\0')) << "wiped";
  EXPECT_FALSE(wrap.unwrap("identitie", "sa", wrapped, out));
  EXPECT_FALSE(key(8).unwrap("identities", "a", wrapped, out));
}

TEST_F(KeyFileTest, NoticesEveryFlippedBit) {
  const WrapKey wrap = key();
  std::vector<std::byte> wrapped(32 + kWrapOverheadBytes);
  ASSERT_TRUE(wrap.wrap("t", "n", Bytes<32>{}, wrapped));
  Bytes<32> out{};
  for (std::size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    wrapped[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(wrap.unwrap("t", "n", wrapped, out)) << bit;
    wrapped[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  EXPECT_TRUE(wrap.unwrap("t", "n", wrapped, out));
}

TEST_F(KeyFileTest, RefusesWrongSizes) {
  const WrapKey wrap = key();
  std::vector<std::byte> room(64);
  EXPECT_FALSE(wrap.wrap("t", "n", Bytes<32>{}, room));
  EXPECT_FALSE(wrap.unwrap("t", "n", ByteView{room}.first(27), MutableBytes{}));
  EXPECT_FALSE(wrap.unwrap("t", "n", {}, MutableBytes{}));
}

TEST_F(KeyFileTest, NeverWrapsTheSameWayTwice) {
  const WrapKey wrap = key();
  std::vector<std::byte> one(32 + kWrapOverheadBytes);
  std::vector<std::byte> two(one.size());
  ASSERT_TRUE(wrap.wrap("t", "n", Bytes<32>{}, one));
  ASSERT_TRUE(wrap.copy().wrap("t", "n", Bytes<32>{}, two));
  EXPECT_NE(one, two);
  Bytes<32> out{};
  EXPECT_TRUE(wrap.unwrap("t", "n", two, out));
}

}  // namespace
}  // namespace countersign::store
