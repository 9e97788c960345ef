#include "port/host/flash_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace countersign::mcu::host {

std::optional<FlashFile> FlashFile::open(const std::string& path, bool writable) {
  const int descriptor = ::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (descriptor < 0) {
    return {};
  }
  struct stat about {};
  const bool fits = ::fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) &&
                    about.st_size > 0 && about.st_size % kPageBytes == 0 &&
                    (!writable || ::flock(descriptor, LOCK_EX | LOCK_NB) == 0);
  const auto size = static_cast<std::size_t>(about.st_size);
  void* const memory = fits ? ::mmap(nullptr, size, PROT_READ | (writable ? PROT_WRITE : 0),
                                     MAP_SHARED, descriptor, 0)
                            : MAP_FAILED;
  if (memory == MAP_FAILED) {
    ::close(descriptor);
    return {};
  }
  return FlashFile{descriptor, {static_cast<std::byte*>(memory), size}};
}

FlashFile::FlashFile(int descriptor, std::span<std::byte> memory)
    : NorFlash{memory}, descriptor_{descriptor}, mapped_{memory} {}

FlashFile::FlashFile(FlashFile&& other) noexcept
    : NorFlash{other},
      descriptor_{std::exchange(other.descriptor_, -1)},
      mapped_{std::exchange(other.mapped_, {})} {}

FlashFile::~FlashFile() {
  if (!mapped_.empty()) {
    ::munmap(mapped_.data(), mapped_.size());
  }
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace countersign::mcu::host
