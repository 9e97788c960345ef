#pragma once

#include <chrono>

#include "countersign/bytes.hpp"

namespace countersign::registrar {

/// Of a clock that never jumps; for what must be done by when.
[[nodiscard]] inline Millis steady_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Since 1970; for the log.
[[nodiscard]] inline Millis wall_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace countersign::registrar
