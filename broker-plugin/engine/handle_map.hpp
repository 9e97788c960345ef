#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/broker.hpp"

namespace countersign::engine {

/// What belongs to each of the broker's contexts; what it holds never moves. Open addressing: of
/// thousands of contexts that speak in turn none is in the processor's cache, and to find one here
/// takes one place of memory, where a std::unordered_map takes three.
template <class Value>
class HandleMap {
 public:
  /// Null if there is none.
  [[nodiscard]] Value* find(ClientHandle handle) const {
    return slots_.empty() ? nullptr : slots_[place_of(handle)].value.get();
  }

  /// A fresh one for `handle`, which is not null and has none yet.
  Value& add(ClientHandle handle) {
    if (slots_.size() < 2 * (size_ + 1)) {
      grow();
    }
    ++size_;
    return *put({handle, std::make_unique<Value>()}).value;
  }

  void erase(ClientHandle handle) {
    if (find(handle) == nullptr) {
      return;
    }
    std::size_t place = place_of(handle);
    slots_[place] = {};
    --size_;
    // those behind it are sought up to the next gap, which must not be this one
    for (place = next(place); slots_[place].value; place = next(place)) {
      put(std::exchange(slots_[place], {}));
    }
  }

  /// `visit` may not add or erase.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.value) {
        visit(*slot.value);
      }
    }
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Slot {
    ClientHandle handle = nullptr;
    std::unique_ptr<Value> value;
  };
  static constexpr std::size_t kLeastSlots = 64;  // a power of two, as all sizes are

  /// Where `handle` is, or else the gap where it would be.
  [[nodiscard]] std::size_t place_of(ClientHandle handle) const {
    // addresses differ in their middle bits, the product's upper half by all of them (Knuth, 6.4)
    constexpr std::uint64_t kGoldenRatio = 0x9E3779B97F4A7C15;
    const auto mixed = reinterpret_cast<std::uintptr_t>(handle) * kGoldenRatio >> 32;
    std::size_t place = mixed & (slots_.size() - 1);
    while (slots_[place].value && slots_[place].handle != handle) {
      place = next(place);
    }
    return place;
  }

  [[nodiscard]] std::size_t next(std::size_t place) const {
    return (place + 1) & (slots_.size() - 1);
  }

  Slot& put(Slot&& slot) {
    Slot& gap = slots_[place_of(slot.handle)];
    gap = std::move(slot);
    return gap;
  }

  void grow() {
    auto before =
        std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kLeastSlots : 2 * slots_.size()));
    for (Slot& slot : before) {
      if (slot.value) {
        put(std::move(slot));
      }
    }
  }

  std::vector<Slot> slots_;  ///< at most half of them taken
  std::size_t size_ = 0;
};

}  // namespace countersign::engine
