#pragma once

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

}  // namespace countersign::mcu
