#include "countersign/client/key_file.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>

#include "countersign/client/software_key.hpp"
#include "openssl/crypto.hpp"
#include "unit/client/workbench.hpp"

namespace countersign::client {
namespace {

using test::Workbench;
using testing::HasSubstr;

constexpr std::string_view kText =
    "# a comment\n"
    "version = 1\n"
    "identity = mote-3\n"
    "kind = device\n"
    "key = 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
    "epoch = 41\n"
    "server_id = plant-a\n"
    "suite = 2\n";

std::string with(std::string_view from, std::string_view to) {
  std::string text{kText};
  return text.replace(text.find(from), from.size(), to);
}

TEST(KeyFile, ReadsWhatTheDocumentSays) {
  const auto key = parse_key_file(kText);
  ASSERT_TRUE(key) << key.why().text;
  EXPECT_EQ(key->identity.text(), "mote-3");
  EXPECT_EQ(key->kind, Kind::device);
  EXPECT_EQ(key->epoch, 41U);
  EXPECT_EQ(key->server_id, "plant-a");
  EXPECT_EQ(key->suite, Suite::symmetric);
  EXPECT_EQ(key->key.key().bytes()[31], std::byte{0x1F});
}

TEST(KeyFile, ComesBackAsItWasWritten) {
  const Workbench bench;
  auto key = make_key("admin.1", Kind::admin);
  ASSERT_TRUE(key);
  key->server_id = "plant-a";
  ASSERT_TRUE(create_key_file(bench.path("k"), *key));
  const auto back = read_key_file(bench.path("k"));
  ASSERT_TRUE(back) << back.why().text;
  EXPECT_EQ(back->identity, key->identity);
  EXPECT_EQ(back->kind, Kind::admin);
  EXPECT_EQ(back->epoch, 0U);
  EXPECT_EQ(back->server_id, "plant-a");
  EXPECT_TRUE(same_tag(back->key.key().bytes(), key->key.key().bytes()));
}

TEST(KeyFile, TwoKeysAreNeverTheSame) {
  const auto one = make_key("a", Kind::device);
  const auto two = make_key("a", Kind::device);
  EXPECT_FALSE(same_tag(one->key.key().bytes(), two->key.key().bytes()));
}

TEST(KeyFile, IsForItsOwnerAlone) {
  const Workbench bench;
  const auto key = make_key("mote-3", Kind::device);
  const mode_t before = ::umask(0);
  ASSERT_TRUE(create_key_file(bench.path("k"), *key));
  ::umask(before);
  struct stat facts {};
  ASSERT_EQ(::stat(bench.path("k").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
}

TEST(KeyFile, OverwritesNothing) {
  const Workbench bench;
  bench.write("k", "precious");
  const auto key = make_key("mote-3", Kind::device);
  const auto done = create_key_file(bench.path("k"), *key);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.why().fault, Fault::file);
  EXPECT_THAT(done.why().hint, HasSubstr("another name"));
  EXPECT_EQ(bench.read("k"), "precious");
}

TEST(KeyFile, RefusesModesThatLetOthersIn) {
  const Workbench bench;
  for (const mode_t mode : {0640U, 0604U, 0620U, 0660U, 0644U, 0700U, 04600U}) {
    bench.write("k", std::string{kText}, mode);
    const auto key = read_key_file(bench.path("k"));
    ASSERT_FALSE(key) << std::oct << mode;
    EXPECT_THAT(key.why().hint, HasSubstr("chmod 600"));
    EXPECT_FALSE(raise_epoch(bench.path("k")));
  }
}

TEST(KeyFile, RefusesLinksDirectoriesPipesAndWhatIsNotThere) {
  const Workbench bench;
  bench.write("real", std::string{kText});
  ASSERT_EQ(::symlink(bench.path("real").c_str(), bench.path("link").c_str()), 0);
  ASSERT_EQ(::mkfifo(bench.path("pipe").c_str(), 0600), 0);
  ASSERT_EQ(::mkdir(bench.path("directory").c_str(), 0600), 0);
  for (const char* name : {"link", "pipe", "directory", "missing"}) {
    EXPECT_FALSE(read_key_file(bench.path(name))) << name;
    EXPECT_FALSE(raise_epoch(bench.path(name))) << name;
  }
}

TEST(KeyFile, RefusesWhatItWouldNotHaveWritten) {
  const std::vector<std::string> wrong{
      "",
      "version = 1\n",
      with("version = 1", "version = 2"),
      with("identity = mote-3", "identity = mote/3"),
      with("identity = mote-3", "identity ="),
      with("kind = device", "kind = legacy"),
      with("kind = device", "kind = robot"),
      with("key = 00", "key = 0"),
      with("key = 00", "key = 0g"),
      with("1d1e1f", "1d1e1f20"),
      with("epoch = 41", "epoch = 041"),
      with("epoch = 41", "epoch = -1"),
      with("epoch = 41", "epoch = 268435456"),
      with("epoch = 41", "epoch = 4294967297"),
      with("epoch = 41\n", ""),
      with("suite = 2", "suite = 3"),
      with("suite = 2", "colour = red"),
      with("suite = 2", "epoch = 42"),
      with("suite = 2", "suite"),
      with("server_id = plant-a", "server_id = plant a"),
  };
  for (const std::string& text : wrong) {
    const auto key = parse_key_file(text);
    EXPECT_FALSE(key) << text;
    EXPECT_TRUE(key || key.why().fault == Fault::file);
  }
}

TEST(KeyFile, NeverQuotesTheKeyInAComplaint) {
  for (const std::string& text : {with("key = 00", "key = zz"), with("key = ", "kez = ")}) {
    const auto key = parse_key_file(text);
    ASSERT_FALSE(key);
    EXPECT_THAT(key.why().text, testing::Not(HasSubstr("0405")));
  }
}

TEST(KeyFile, RaisesItsEpochBeforeItIsUsed) {
  const Workbench bench;
  bench.write("k", std::string{kText});
  for (std::uint32_t epoch = 42; epoch < 45; ++epoch) {
    const auto key = raise_epoch(bench.path("k"));
    ASSERT_TRUE(key) << key.why().text;
    EXPECT_EQ(key->epoch, epoch);
    EXPECT_EQ(read_key_file(bench.path("k"))->epoch, epoch);
  }
}

TEST(KeyFile, RefusesAtTheLastEpoch) {
  const Workbench bench;
  bench.write("k", with("epoch = 41", "epoch = 268435454"));
  EXPECT_TRUE(raise_epoch(bench.path("k")));
  const auto spent = raise_epoch(bench.path("k"));
  ASSERT_FALSE(spent);
  EXPECT_THAT(spent.why().hint, HasSubstr("new key"));
  EXPECT_EQ(read_key_file(bench.path("k"))->epoch, kMaxEpoch);
}

TEST(KeyFile, SurvivesTheLeftoverOfACrash) {
  const Workbench bench;
  bench.write("k", std::string{kText});
  bench.write("k.new", "half a fi");
  EXPECT_EQ(raise_epoch(bench.path("k"))->epoch, 42U);
}

/// True if a child that may write files of at most `size` bytes, root or not, gets a key.
bool gets_key_within(rlim_t size, const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{.rlim_cur = size, .rlim_max = size};
    const bool limited =
        ::signal(SIGXFSZ, SIG_IGN) != SIG_ERR && ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
    ::_exit(!limited || raise_epoch(path) ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0;
}

TEST(KeyFile, LendsNoHandshakeWhereTheEpochCannotBeWritten) {
  const Workbench bench;
  bench.write("k", std::string{kText});
  for (const rlim_t size : {0U, 1U, 100U}) {
    EXPECT_FALSE(gets_key_within(size, bench.path("k"))) << size;
    EXPECT_EQ(bench.read("k"), kText);
    EXPECT_NE(::access(bench.path("k.new").c_str(), F_OK), 0);
  }
  EXPECT_TRUE(gets_key_within(4096, bench.path("k")));
  EXPECT_EQ(read_key_file(bench.path("k"))->epoch, 42U);
}

/// A child that raises the epoch `count` times and writes each one it got to `pipe`.
pid_t raise_in_child(const std::string& path, std::uint32_t count, int pipe) {
  const pid_t child = ::fork();
  if (child == 0) {
    int failed = 0;
    for (std::uint32_t i = 0; i < count && failed == 0; ++i) {
      const auto key = raise_epoch(path);
      const std::uint32_t epoch = key ? key->epoch : 0;
      failed = key && ::write(pipe, &epoch, sizeof epoch) == sizeof epoch ? 0 : 1;
    }
    ::_exit(failed);
  }
  return child;
}

TEST(KeyFile, FourProcessesGetDifferentEpochs) {
  constexpr std::uint32_t kProcesses = 4;
  constexpr std::uint32_t kEach = 25;
  const Workbench bench;
  bench.write("k", with("epoch = 41", "epoch = 0"));
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  std::vector<pid_t> children;
  children.reserve(kProcesses);
  for (std::uint32_t i = 0; i < kProcesses; ++i) {
    children.push_back(raise_in_child(bench.path("k"), kEach, ends[1]));
  }
  ::close(ends[1]);
  std::multiset<std::uint32_t> epochs;
  for (std::uint32_t epoch = 0; ::read(ends[0], &epoch, sizeof epoch) == sizeof epoch;) {
    epochs.insert(epoch);
  }
  ::close(ends[0]);
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const std::set<std::uint32_t> different{epochs.begin(), epochs.end()};
  EXPECT_EQ(epochs.size(), kProcesses * kEach);
  EXPECT_EQ(different.size(), epochs.size());
  EXPECT_EQ(read_key_file(bench.path("k"))->epoch, kProcesses * kEach);
}

TEST(SoftwareKey, DerivesTheKeyOfOneHandshake) {
  const Workbench bench;
  bench.write("k", std::string{kText});
  auto source = SoftwareKey::open(bench.path("k"));
  ASSERT_TRUE(source) << source.why().text;
  const auto got = (*source)->next_handshake_key("plant-a");
  ASSERT_TRUE(got) << got.why().text;
  EXPECT_EQ(got->epoch, 42U);
  HandshakeKey expected{.epoch = 42, .r1 = got->r1, .hk = {}};
  const openssl::OpenSslCrypto crypto;
  ASSERT_TRUE(derive_handshake_key(crypto, parse_key_file(kText)->key.key(), "mote-3", "plant-a",
                                   expected));
  EXPECT_TRUE(same_tag(got->hk.bytes(), expected.hk.bytes()));
  EXPECT_FALSE(same_tag((*source)->next_handshake_key("plant-a")->r1, got->r1));
  EXPECT_FALSE((*source)->signs_on_card());
  EXPECT_EQ((*source)->checksum({}).why().fault, Fault::usage);
}

TEST(SoftwareKey, NoticesThatTheFileBecameSomebodyElses) {
  const Workbench bench;
  bench.write("k", std::string{kText});
  auto source = SoftwareKey::open(bench.path("k"));
  bench.write("k", with("mote-3", "mote-4"));
  EXPECT_FALSE((*source)->next_handshake_key("plant-a"));
}

}  // namespace
}  // namespace countersign::client
