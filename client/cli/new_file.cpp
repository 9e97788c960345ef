#include "new_file.hpp"

#include <unistd.h>

#include <filesystem>

namespace countersign::cli {

client::Status check_new_file(const std::string& path, const std::string& option) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    return client::Error{.fault = client::Fault::file,
                         .text = path + " exists",
                         .hint = "move it away, or name another with " + option};
  }
  const auto folder =
      std::filesystem::absolute(path.empty() ? "file" : path, ignored).parent_path();
  if (!std::filesystem::is_directory(folder, ignored)) {
    return client::Error{.fault = client::Fault::file,
                         .text = "no directory " + folder.string(),
                         .hint = "make it, or name another file with " + option};
  }
  if (::access(folder.c_str(), W_OK) != 0) {
    return client::Error{.fault = client::Fault::file,
                         .text = "nothing can be written in " + folder.string(),
                         .hint = "name a file elsewhere with " + option};
  }
  return client::Done{};
}

}  // namespace countersign::cli
