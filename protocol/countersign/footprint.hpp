#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace countersign {

/// Where in memory one message of a sender was judged, so that the next one can ask for all of it
/// at once: of thousands of senders that speak in turn nothing is in the processor's cache, and
/// every place would be waited for by itself. What is noted is only ever prefetched, so that it
/// does not matter if it is no more.
class Footprint {
 public:
  void clear() { count_ = 0; }

  /// What there is no room for is left out.
  template <class T>
  void note(const T& object) {
    const auto begin = reinterpret_cast<std::uintptr_t>(&object);
    for (auto line = begin / kLineBytes; line <= (begin + sizeof(T) - 1) / kLineBytes; ++line) {
      if (count_ < lines_.size()) {
        lines_[count_++] = line;
      }
    }
  }

  void prefetch() const {
    for (std::size_t i = 0; i < count_; ++i) {
      // NOLINTNEXTLINE(performance-no-int-to-ptr): never read through
      __builtin_prefetch(reinterpret_cast<const void*>(lines_[i] * kLineBytes));
    }
  }

 private:
  static constexpr std::size_t kLineBytes = 64;
  std::size_t count_ = 0;
  std::array<std::uintptr_t, 28> lines_{};
};

}  // namespace countersign
