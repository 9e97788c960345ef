/// A mosquitto.conf as doctor reads it, and what doctor says of it: each finding in one line.

#include <sys/mman.h>
#include <unistd.h>

#include "client/cli/doctor/checks.hpp"
#include "fuzz/input.hpp"

namespace countersign::fuzz {
namespace {

/// A file in memory that has a path.
class MemoryFile {
 public:
  MemoryFile() : file_{memfd_create("mosquitto.conf", MFD_CLOEXEC)} { require(file_ >= 0); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(file_); }

  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }
  void write(ByteView content) {
    require(ftruncate(file_, 0) == 0);
    require(pwrite(file_, content.data(), content.size(), 0) ==
            static_cast<ssize_t>(content.size()));
  }

 private:
  int file_;
};

const config::Settings& settings() {
  static const auto kSettings = config::parse_settings(
      "server_id = \"t\"\nstrip_prefix = \"site/\"\n[default]\nmode = \"off\"\n", "fuzz.toml");
  return *kSettings;
}

void require_one_line(const cli::Finding& finding) {
  require(!finding.text.empty());
  require((finding.text + finding.hint).find('\n') == std::string::npos);
}

}  // namespace

void run(ByteView content) {
  static MemoryFile file;
  // an include_dir would lead out of this input
  if (text_of(content).find("include_dir") != std::string_view::npos) {
    return;
  }
  file.write(content);
  const auto conf = cli::read_mosquitto_conf(file.path());
  require(static_cast<bool>(conf));
  const cli::Defaults defaults = cli::derive_defaults(*conf);
  require(defaults.acl.value == "allow" || defaults.acl.value == "defer");
  require(defaults.auth.value == "allow" || defaults.auth.value == "defer");
  cli::Findings findings;
  cli::check_plugin(*conf, defaults, findings);
  cli::check_broker(*conf, findings);
  cli::check_listeners(*conf, findings);
  cli::check_agreement(*conf, settings(), "fuzz.toml", findings);
  for (const cli::Finding& finding : findings) {
    require_one_line(finding);
  }
}

}  // namespace countersign::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::fuzz::run(std::as_bytes(std::span{data, size}));
  return 0;
}
