#pragma once

#include <cstddef>

namespace countersign::mcu {

// bytes as mbedTLS and PSA take them
[[nodiscard]] inline unsigned char* raw(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}
[[nodiscard]] inline const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

}  // namespace countersign::mcu
