#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// The handlers of startup.cpp; linker symbols are arrays, since only their addresses mean
// something.
extern "C" {
extern std::uint32_t stack_top[];
void reset_handler();
void nmi_handler();
void fault_handler();
void tick_handler();
void interrupt_handler();
}

namespace countersign::mcu {

using Handler = void (*)();

/// What the processor reads at reset: its stack, and where each exception goes.
template <std::size_t Interrupts>
struct VectorTable {
  std::uint32_t* stack;
  std::array<Handler, 15 + Interrupts> handlers;
};

template <std::size_t Interrupts>
[[nodiscard]] constexpr VectorTable<Interrupts> make_vectors() {
  VectorTable<Interrupts> table{stack_top, {}};
  for (std::size_t i = 0; i < table.handlers.size(); ++i) {
    table.handlers[i] = i < 15 ? fault_handler : interrupt_handler;
  }
  table.handlers[0] = reset_handler;
  table.handlers[1] = nmi_handler;
  table.handlers[14] = tick_handler;
  return table;
}

}  // namespace countersign::mcu
