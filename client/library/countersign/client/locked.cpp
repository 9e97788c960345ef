#include "countersign/client/locked.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <utility>

namespace countersign::client {

LockedBuffer::LockedBuffer(std::size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t pages = (size + page - 1) / page * page;
  if (size == 0) {
    return;
  }
  void* const memory =
      ::mmap(nullptr, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return;
  }
  locked_ = ::mlock(memory, pages) == 0;
  static_cast<void>(::madvise(memory, pages, MADV_DONTDUMP));
  start_ = static_cast<std::byte*>(memory);
  size_ = size;
  mapped_ = pages;
}

LockedBuffer::LockedBuffer(LockedBuffer&& other) noexcept
    : start_{std::exchange(other.start_, nullptr)},
      size_{std::exchange(other.size_, 0)},
      mapped_{std::exchange(other.mapped_, 0)},
      locked_{std::exchange(other.locked_, false)} {}

LockedBuffer& LockedBuffer::operator=(LockedBuffer&& other) noexcept {
  std::swap(start_, other.start_);
  std::swap(size_, other.size_);
  std::swap(mapped_, other.mapped_);
  std::swap(locked_, other.locked_);
  return *this;
}

LockedBuffer::~LockedBuffer() {
  if (start_ != nullptr) {
    wipe({start_, mapped_});
    ::munmap(start_, mapped_);
  }
}

void LockedBuffer::shrink(std::size_t size) {
  if (size < size_) {
    wipe({start_ + size, size_ - size});
    size_ = size;
  }
}

LockedKey::LockedKey(std::span<const std::byte, 32> bytes) : memory_{bytes.size()} {
  copy(bytes, memory_.bytes());
}

Key32 LockedKey::key() const {
  Key32 key;
  copy(memory_.bytes(), key.fill());
  return key;
}

}  // namespace countersign::client
