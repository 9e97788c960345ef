#pragma once

#include <cstdint>

#include "registers.hpp"

// What every Cortex-M has at the same place (ARMv7-M and ARMv8-M reference manuals, B3).
namespace countersign::mcu {

inline constexpr std::uintptr_t kSysTickControl = 0xE000E010;
inline constexpr std::uintptr_t kSysTickReload = 0xE000E014;
inline constexpr std::uintptr_t kSysTickValue = 0xE000E018;
inline constexpr std::uintptr_t kInterruptEnable = 0xE000E100;
inline constexpr std::uintptr_t kInterruptDisable = 0xE000E180;
inline constexpr std::uintptr_t kResetControl = 0xE000ED0C;
inline constexpr std::uintptr_t kFaultStatus = 0xE000ED28;

inline void enable_interrupt(std::uint32_t number) {
  write_register(kInterruptEnable + 4 * (number / 32), 1U << (number % 32));
}

inline void disable_interrupt(std::uint32_t number) {
  write_register(kInterruptDisable + 4 * (number / 32), 1U << (number % 32));
}

/// Starts the board anew.
[[noreturn]] inline void reset_board() {
  asm volatile("dsb" ::: "memory");
  write_register(kResetControl, 0x05FA0004);  // VECTKEY, SYSRESETREQ
  for (;;) {
  }
}

}  // namespace countersign::mcu
