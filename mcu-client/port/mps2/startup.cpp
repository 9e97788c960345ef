#include "startup.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "board.hpp"
#include "console.hpp"
#include "cortex_m.hpp"
#include "vectors.hpp"

// Compiled without link-time optimisation: the assembler lines name functions.

extern "C" {
extern std::uint32_t stack_bottom[];
extern std::uint32_t data_load[];
extern std::uint32_t data_start[];
extern std::uint32_t data_end[];
extern std::uint32_t bss_start[];
extern std::uint32_t bss_end[];
extern countersign::mcu::Handler init_array_start[];
extern countersign::mcu::Handler init_array_end[];
}

namespace countersign::mcu {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t kPaint = 0xA5A5A5A5;

// What the processor pushes when an exception comes.
struct Frame {
  std::uint32_t r0, r1, r2, r3, r12, lr, pc, xpsr;
};

std::size_t bytes_between(const std::uint32_t* from, const std::uint32_t* to) {
  return static_cast<std::size_t>(to - from) * sizeof(std::uint32_t);
}

// Everything below this function's own frame, so that `stack_peak` sees how deep the stack got.
void paint_stack() {
  const auto* here = static_cast<std::uint32_t*>(__builtin_frame_address(0)) - 16;
  for (volatile std::uint32_t* word = stack_bottom; word < here; word = word + 1) {
    *word = kPaint;
  }
}

bool on_stack(const Frame* frame) {
  const auto* words = reinterpret_cast<const std::uint32_t*>(frame);
  return words >= stack_bottom && words + sizeof(Frame) / 4 <= stack_top;
}

void log_frame(LogLine& line, const Frame* frame) {
  // a stack that overflowed holds no frame
  if (on_stack(frame)) {
    line.hex("pc"sv, frame->pc).hex("lr"sv, frame->lr);
  }
}

}  // namespace

std::uint32_t stack_peak() {
  const std::uint32_t* word = stack_bottom;
  while (word < stack_top && *word == kPaint) {
    ++word;
  }
  return bytes_between(word, stack_top);
}

extern "C" [[gnu::used]] void late_report(const Frame* frame) {
  LogLine line{"\nwatchdog"sv};
  log_frame(line, frame);
}

extern "C" [[gnu::used, noreturn]] void fault_report(const Frame* frame, std::uint32_t exception) {
  {
    LogLine line{"\nfault"sv};  // another line may be half written
    line.number("exception"sv, exception).hex("status"sv, read_register(kFaultStatus));
    log_frame(line, frame);
  }
  reset_board();
}

// The watchdog's first expiry; its second resets the board.
extern "C" [[gnu::naked]] void nmi_handler() {
  asm volatile(
      "mov r0, sp\n"
      "b late_report\n");
}

extern "C" [[gnu::naked]] void fault_handler() {
  asm volatile(
      "mov r0, sp\n"
      "mrs r1, ipsr\n"
      "ldr r2, =stack_top\n"  // the stack may be what went wrong
      "mov sp, r2\n"
      "b fault_report\n");
}

// Objects of firmware live until the power goes: nothing is destroyed.
extern "C" int atexit(Handler /*destroy*/) { return 0; }

extern "C" void reset_handler() {
  board_early();
  paint_stack();
  std::memcpy(data_start, data_load, bytes_between(data_start, data_end));
  std::memset(bss_start, 0, bytes_between(bss_start, bss_end));
  start_console();
  for (const Handler* construct = init_array_start; construct != init_array_end; ++construct) {
    (*construct)();
  }
  firmware();
  reset_board();
}

}  // namespace countersign::mcu
