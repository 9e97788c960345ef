#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace countersign::mcu {

/// An object that lives until the power goes, so that the image needs no code to end it.
template <class T>
union Forever {
  template <class... Args>
  explicit Forever(Args&&... args) : value{std::forward<Args>(args)...} {}
  Forever(const Forever&) = delete;
  Forever& operator=(const Forever&) = delete;
  ~Forever() {}  // NOLINT(modernize-use-equals-default): defaulted, it would be deleted

  T value;
};

/// Makes the one object of its type that an image has: it lives until the power goes. Once for
/// each type.
template <class T, class... Args>
[[nodiscard]] T& make_forever(Args&&... args) {
  alignas(T) static std::byte room[sizeof(T)];  // NOLINT(modernize-avoid-c-arrays)
  return *new (room) T{std::forward<Args>(args)...};
}

}  // namespace countersign::mcu
