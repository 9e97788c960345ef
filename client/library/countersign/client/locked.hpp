#pragma once

#include <cstddef>

#include "countersign/crypto.hpp"

namespace countersign::client {

/// Memory for secrets: pages of its own, kept out of swap and core dumps where the system allows,
/// wiped when it ends. Moves, never copies.
class LockedBuffer {
 public:
  LockedBuffer() = default;
  /// Empty if the system gives no memory.
  explicit LockedBuffer(std::size_t size);
  LockedBuffer(LockedBuffer&& other) noexcept;
  LockedBuffer& operator=(LockedBuffer&& other) noexcept;
  ~LockedBuffer();

  [[nodiscard]] MutableBytes bytes() { return {start_, size_}; }
  [[nodiscard]] ByteView bytes() const { return {start_, size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// False if the system would not lock it (RLIMIT_MEMLOCK); it is wiped all the same.
  [[nodiscard]] bool locked() const { return locked_; }
  /// Wipes what lies behind the first `size` bytes and forgets it.
  void shrink(std::size_t size);

 private:
  std::byte* start_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
  bool locked_ = false;
};

/// A 32-byte key in locked memory.
class LockedKey {
 public:
  LockedKey() = default;
  explicit LockedKey(std::span<const std::byte, 32> bytes);

  [[nodiscard]] bool empty() const { return memory_.empty(); }
  /// A copy that wipes itself. Zeroes if empty.
  [[nodiscard]] Key32 key() const;

 private:
  LockedBuffer memory_;
};

}  // namespace countersign::client
