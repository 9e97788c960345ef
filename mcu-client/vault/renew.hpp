#pragma once

#include <new>

namespace countersign::mcu {

/// Ends `object` and begins it anew where it is: nothing of a large one stands on the stack, as it
/// would with `object = {}`.
template <class T>
void renew(T& object) {
  object.~T();
  new (&object) T{};
}

}  // namespace countersign::mcu
