#pragma once

#include <cstdint>

namespace countersign::mcu {

// Functions and no references: `(void)reference` of a volatile object would read nothing.
[[nodiscard]] inline std::uint32_t read_register(std::uintptr_t at) {
  return *reinterpret_cast<volatile const std::uint32_t*>(at);
}

inline void write_register(std::uintptr_t at, std::uint32_t value) {
  *reinterpret_cast<volatile std::uint32_t*>(at) = value;
}

}  // namespace countersign::mcu
