#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "checks.hpp"

namespace countersign::cli {
namespace {

constexpr const char* kWhereServicesAre = "/usr/sbin/mosquitto";
constexpr const char* kKnownToWork = "2.0.11 (Debian 12) and 2.0.21 (Debian 13) are known to work";

/// major, minor, patch
using Version = std::array<unsigned, 3>;

/// Starts `mosquitto -h` with its standard output on `out`. \returns 0 if there is none.
pid_t start_broker(int out) {
  std::array<char, 10> name{"mosquitto"};
  std::array<char, 3> flag{"-h"};
  const std::array<char*, 3> arguments{name.data(), flag.data(), nullptr};
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  if (posix_spawnp(&pid, name.data(), &actions, nullptr, arguments.data(), environ) != 0 &&
      posix_spawn(&pid, kWhereServicesAre, &actions, nullptr, arguments.data(), environ) != 0) {
    pid = 0;
  }
  posix_spawn_file_actions_destroy(&actions);
  return pid;
}

/// The beginning of what the broker says of itself; empty if there is none.
std::string ask_broker() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return {};
  }
  const pid_t pid = start_broker(ends[1]);
  close(ends[1]);
  std::string text;
  std::array<char, 4096> chunk{};
  for (ssize_t size = 1; pid != 0 && size > 0;) {
    size = read(ends[0], chunk.data(), chunk.size());
    text.append(chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  }
  close(ends[0]);
  if (pid != 0) {
    waitpid(pid, nullptr, 0);
  }
  return text.substr(0, text.find('\n'));
}

/// Of a line such as `mosquitto version 2.0.11`.
std::optional<Version> version_in(std::string_view line) {
  constexpr std::string_view kBefore = "mosquitto version ";
  if (!line.starts_with(kBefore)) {
    return std::nullopt;
  }
  line.remove_prefix(kBefore.size());
  Version out{};
  for (unsigned& part : out) {
    const auto [end, wrong] = std::from_chars(line.data(), line.data() + line.size(), part);
    if (wrong != std::errc{}) {
      return std::nullopt;
    }
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    line.remove_prefix(line.starts_with('.') ? 1 : 0);
  }
  return out;
}

}  // namespace

void check_version(Findings& out) {
  constexpr Version kFirst{2, 0, 11};
  constexpr Version kRefused{2, 1, 0};
  const std::string line = ask_broker();
  const auto version = version_in(line);
  if (!version) {
    return;
  }
  if (*version >= kRefused) {
    out.push_back({Severity::error,
                   {"mosquitto", 0},
                   line + ": the plugin refuses to load into 2.1 and later",
                   kKnownToWork});
  } else if (*version < kFirst) {
    out.push_back({Severity::error,
                   {"mosquitto", 0},
                   line + ": nobody has tried the plugin with one so old",
                   kKnownToWork});
  } else {
    out.push_back({Severity::note, {"mosquitto", 0}, line + "; " + kKnownToWork, ""});
  }
}

}  // namespace countersign::cli
