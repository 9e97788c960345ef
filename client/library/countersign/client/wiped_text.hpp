#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "countersign/bytes.hpp"

namespace countersign::client {

/// Gives memory back wiped.
template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class U>
  explicit WipingAllocator(const WipingAllocator<U>&) {}

  [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>{}.allocate(count); }
  void deallocate(T* start, std::size_t count) {
    wipe(std::as_writable_bytes(std::span{start, count}));
    std::allocator<T>{}.deallocate(start, count);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

/// Text that may hold a secret: every copy of more than 15 characters is wiped when it ends.
using WipedText = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace countersign::client
