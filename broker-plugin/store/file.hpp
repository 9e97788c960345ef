#pragma once

#include <string>
#include <vector>

#include "countersign/bytes.hpp"
#include "store/outcome.hpp"

namespace countersign::store {

/// An open file, closed when it ends.
class File {
 public:
  explicit File(int descriptor) : descriptor_{descriptor} {}
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool open() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

/// `what`, the path and what errno says.
[[nodiscard]] Failure system_failure(const std::string& what, const std::string& path,
                                     int error_number);

/// Writes a file of mode 0600 that was not there, durably. Leaves none behind if it fails.
[[nodiscard]] Status write_private_file(const std::string& path, ByteView bytes);

/// Reads a regular file, no link, owned by us (or anybody's, if we are root), closed to others.
[[nodiscard]] Outcome<std::vector<std::byte>> read_private_file(const std::string& path,
                                                                std::size_t max_bytes);

/// Makes what happened to the names in a directory durable.
[[nodiscard]] Status sync_directory(const std::string& directory);

[[nodiscard]] bool exists(const std::string& path);
/// The directory that `path` stands in.
[[nodiscard]] std::string directory_of(const std::string& path);

}  // namespace countersign::store
