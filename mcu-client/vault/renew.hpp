#pragma once

#include <new>

namespace countersign::mcu {

/// Makes `object` as new, without a second one on the stack: a handshake is larger than most of it.
template <class T>
[[gnu::noinline]] void renew(T& object) {
  object.~T();
  new (static_cast<void*>(&object)) T{};
}

}  // namespace countersign::mcu
