#include "host_check.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

namespace countersign {
namespace {

namespace fs = std::filesystem;

/// The broker's own command line, to find its configuration file.
std::vector<std::string> command_line() {
  std::ifstream file{"/proc/self/cmdline", std::ios::binary};
  const std::string whole{std::istreambuf_iterator<char>{file}, {}};
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < whole.size()) {
    const std::size_t end = std::min(whole.find('\0', begin), whole.size());
    words.push_back(whole.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

bool says_per_listener(const fs::path& path, unsigned depth) {
  constexpr unsigned kMaxDepth = 8;
  std::ifstream file{path};
  std::string line;
  while (depth < kMaxDepth && std::getline(file, line)) {
    std::string_view text = line;
    text = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
    if (text.starts_with("per_listener_settings") && text.find("true") != std::string_view::npos) {
      return true;
    }
    if (text.starts_with("include_dir ")) {
      std::error_code ignored;
      const fs::path folder{std::string{text.substr(12)}};
      for (const auto& entry : fs::directory_iterator{folder, ignored}) {
        if (entry.path().extension() == ".conf" && says_per_listener(entry.path(), depth + 1)) {
          return true;
        }
      }
    }
  }
  return false;
}

bool per_listener_settings() {
  const std::vector<std::string> words = command_line();
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == "-c" || words[i] == "--config-file") {
      return says_per_listener(words[i + 1], 0);
    }
  }
  return false;
}

}  // namespace

std::string check_host() {
  if (per_listener_settings()) {
    return "per_listener_settings true is not supported: under it this broker never ticks, and a "
           "plugin would guard one listener only; remove the line";
  }
  if (dlsym(RTLD_DEFAULT, "mosquitto_plugin_set_info") != nullptr) {
    return "this broker is 2.1 or newer: how it fires wills has not been tested with this version; "
           "use Mosquitto 2.0";
  }
  return {};
}

}  // namespace countersign
