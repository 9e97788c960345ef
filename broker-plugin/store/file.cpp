#include "store/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace countersign::store {
namespace {

constexpr mode_t kPrivate = 0600;
constexpr mode_t kOthers = 0077;

bool write_all(int descriptor, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int descriptor, MutableBytes bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(descriptor, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

/// What makes a file unfit to hold a secret, if anything.
Status check_private(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return Failure{path + " is no regular file", {}};
  }
  const uid_t self = ::geteuid();
  if (self != 0 && status.st_uid != self) {
    return Failure{path + " belongs to another user",
                   "it must belong to the user that the broker runs as: chown it"};
  }
  if ((status.st_mode & kOthers) != 0) {
    return Failure{path + " is open to others", "chmod 600 " + path};
  }
  return Done{};
}

}  // namespace

File::File(File&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

File::~File() {
  if (open()) {
    ::close(descriptor_);
  }
}

Failure system_failure(const std::string& what, const std::string& path, int error_number) {
  return {what + " " + path + ": " + std::generic_category().message(error_number), {}};
}

Status write_private_file(const std::string& path, ByteView bytes) {
  const File file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivate)};
  if (!file.open()) {
    return system_failure("cannot make", path, errno);
  }
  if (!write_all(file.descriptor(), bytes) || ::fsync(file.descriptor()) != 0) {
    const Failure why = system_failure("cannot write", path, errno);
    ::unlink(path.c_str());
    return why;
  }
  return sync_directory(directory_of(path));
}

Outcome<std::vector<std::byte>> read_private_file(const std::string& path, std::size_t max_bytes) {
  // without O_NONBLOCK a FIFO would hold us for ever
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (!file.open()) {
    Failure why = system_failure("cannot open", path, errno);
    why.hint = errno == ELOOP ? "it must be a file, not a link" : "";
    return why;
  }
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) {
    return system_failure("cannot look at", path, errno);
  }
  if (const Status fit = check_private(path, status); !fit) {
    return fit.why();
  }
  if (status.st_size < 0 || static_cast<std::uint64_t>(status.st_size) > max_bytes) {
    return Failure{path + " is too long", {}};
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  if (!read_all(file.descriptor(), bytes)) {
    wipe(bytes);
    return system_failure("cannot read", path, errno);
  }
  return bytes;
}

Status sync_directory(const std::string& directory) {
  const File file{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!file.open() || ::fsync(file.descriptor()) != 0) {
    return system_failure("cannot sync", directory, errno);
  }
  return Done{};
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

std::string directory_of(const std::string& path) {
  const std::string parent = std::filesystem::path{path}.parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace countersign::store
