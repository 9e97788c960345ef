#pragma once

#include <string>

#include "countersign/client/locked.hpp"
#include "countersign/client/outcome.hpp"

namespace countersign::client {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_{number} {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

/// "cannot open key.txt: Permission denied", from errno.
[[nodiscard]] Error system_error(const std::string& what, const std::string& path);

/// Opens a secret file for reading: a plain file, ours, mode 0600 or stricter, no link.
[[nodiscard]] Outcome<Descriptor> open_secret(const std::string& path);

/// The same, locked against everybody else who asks so, and surely the file that stands at `path`
/// now: whoever writes replaces it by another one. Waits for the lock at most 10 s.
[[nodiscard]] Outcome<Descriptor> open_locked(const std::string& path);

/// The whole of a small file.
[[nodiscard]] Outcome<LockedBuffer> read_all(const Descriptor& file, const std::string& path);

/// Writes a new file, mode 0600, durable with its directory entry. Refuses to overwrite.
[[nodiscard]] Status write_new(const std::string& path, ByteView bytes);

/// Replaces a file as a whole, durably: after a crash either the old or the new one stands there.
/// Hold its lock.
[[nodiscard]] Status replace_file(const std::string& path, ByteView bytes);

}  // namespace countersign::client
