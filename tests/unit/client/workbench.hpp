#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace countersign::client::test {

/// A directory of one test's own.
class Workbench {
 public:
  Workbench() {
    std::string pattern = std::filesystem::temp_directory_path() / "countersign-client-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;
  ~Workbench() { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ / name; }

  void write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream{path(name)} << text;
    ::chmod(path(name).c_str(), mode);
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file{path(name)};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace countersign::client::test
