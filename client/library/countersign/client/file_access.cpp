#include "countersign/client/file_access.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <system_error>
#include <utility>

namespace countersign::client {
namespace {

constexpr std::size_t kMaxFileBytes = 65'536;
constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
constexpr int kLockTries = 1000;
constexpr long kLockPauseNs = 10'000'000;

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Status sync_directory(const std::string& path) {
  const std::string directory = directory_of(path);
  const Descriptor handle{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!handle || ::fsync(handle.get()) != 0) {
    return system_error("sync", directory);
  }
  return Done{};
}

Status write_all(const Descriptor& file, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return system_error("write", path);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) {
    return system_error("sync", path);
  }
  return Done{};
}

/// A new file of ours with `bytes` in it, durable but for its directory entry.
Status write_exclusive(const std::string& path, ByteView bytes) {
  const Descriptor file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kOwnerOnly)};
  if (!file) {
    const bool stands_there = errno == EEXIST;
    Error why = system_error("make", path);
    if (stands_there) {
      why.hint = "nothing is overwritten: take another name, or remove that file yourself";
    }
    return why;
  }
  if (Status done = write_all(file, bytes, path); !done) {
    ::unlink(path.c_str());
    return done;
  }
  return Done{};
}

Status check_owner(const Descriptor& file, const std::string& path) {
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) {
    return system_error("examine", path);
  }
  if (!S_ISREG(facts.st_mode)) {
    return Error{Fault::file, path + " is not a plain file"};
  }
  if (facts.st_uid != ::geteuid()) {
    return Error{Fault::file, path + " belongs to another user",
                 "chown it to the one who runs this"};
  }
  if ((facts.st_mode & 07777 & ~kOwnerOnly) != 0) {
    return Error{Fault::file, path + " can be read or changed by others", "chmod 600 " + path};
  }
  return Done{};
}

/// True if `path` still names the file that `file` is.
bool stands_at(const Descriptor& file, const std::string& path) {
  struct stat held {};
  struct stat named {};
  return ::fstat(file.get(), &held) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}  // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) {
    ::close(number_);
  }
}

Error system_error(const std::string& what, const std::string& path) {
  return {Fault::file,
          "cannot " + what + " " + path + ": " + std::generic_category().message(errno)};
}

Outcome<Descriptor> open_secret(const std::string& path) {
  // O_NONBLOCK: a pipe put there must not hang us; it has no meaning for plain files
  Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!file && errno == ELOOP) {
    return Error{Fault::file, path + " is a link", "name the file itself"};
  }
  if (!file) {
    return system_error("open", path);
  }
  if (const Status fine = check_owner(file, path); !fine) {
    return fine.why();
  }
  return file;
}

Outcome<Descriptor> open_locked(const std::string& path) {
  for (int tries = 0; tries < kLockTries; ++tries) {
    auto file = open_secret(path);
    if (!file) {
      return file.why();
    }
    if (::flock(file->get(), LOCK_EX | LOCK_NB) == 0) {
      if (stands_at(*file, path)) {
        return file;
      }
      continue;  // somebody replaced it while we came
    }
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return system_error("lock", path);
    }
    const timespec pause{.tv_sec = 0, .tv_nsec = kLockPauseNs};
    ::nanosleep(&pause, nullptr);
  }
  return Error{Fault::file, path + " stays locked by another process", "end it, or wait"};
}

Outcome<LockedBuffer> read_all(const Descriptor& file, const std::string& path) {
  LockedBuffer buffer{kMaxFileBytes};
  if (buffer.empty()) {
    return Error{Fault::file, "no memory to read " + path};
  }
  std::size_t size = 0;
  while (size < kMaxFileBytes) {
    const ssize_t got = ::read(file.get(), buffer.bytes().data() + size, kMaxFileBytes - size);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return system_error("read", path);
    }
    if (got == 0) {
      buffer.shrink(size);
      return buffer;
    }
    size += static_cast<std::size_t>(got);
  }
  return Error{Fault::file, path + " is too long for what it should be"};
}

Status write_new(const std::string& path, ByteView bytes) {
  if (Status done = write_exclusive(path, bytes); !done) {
    return done;
  }
  return sync_directory(path);
}

Status replace_file(const std::string& path, ByteView bytes) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());  // left by a crash; only the holder of the lock comes here
  if (const Status done = write_exclusive(fresh, bytes); !done) {
    Error why = done.why();
    why.hint = "the epoch must be written before each login: the directory must be writable";
    return why;
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) {
    const Error why = system_error("replace", path);
    ::unlink(fresh.c_str());
    return why;
  }
  return sync_directory(path);
}

}  // namespace countersign::client
