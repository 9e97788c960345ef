#pragma once

#include <type_traits>

#include "countersign/refusal.hpp"

namespace countersign {

/// A `T` or a `Refusal`, never both. No heap, no exceptions.
template <class T>
requires std::is_trivially_copyable_v<T>
class [[nodiscard]] Result {
 public:
  constexpr Result(const T& value) : value_{value} {}
  /// A refusal for no reason is our own bug, so it fails closed.
  constexpr Result(Refusal why) : why_{why == Refusal::none ? Refusal::internal : why} {}

  [[nodiscard]] constexpr explicit operator bool() const { return why_ == Refusal::none; }
  [[nodiscard]] constexpr const T& operator*() const { return value_; }
  [[nodiscard]] constexpr const T* operator->() const { return &value_; }
  [[nodiscard]] constexpr Refusal why() const { return why_; }

 private:
  T value_{};
  Refusal why_ = Refusal::none;
};

}  // namespace countersign
