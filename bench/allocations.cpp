#include "allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace countersign::bench {
namespace {

std::atomic<std::uint64_t> count{0};

}  // namespace

std::uint64_t allocations() { return count.load(std::memory_order_relaxed); }

}  // namespace countersign::bench

void* operator new(std::size_t size) {
  countersign::bench::count.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size); memory != nullptr) {
    return memory;
  }
  throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
