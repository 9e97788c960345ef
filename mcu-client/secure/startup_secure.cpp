#include "secure/startup_secure.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "port/mps2/cortex_m.hpp"

// Compiled without link-time optimisation: the assembler lines name functions.

extern "C" {
extern std::uint32_t stack_bottom[];
extern std::uint32_t stack_seal[];
extern std::uint32_t data_load[];
extern std::uint32_t data_start[];
extern std::uint32_t data_end[];
extern std::uint32_t bss_start[];
extern std::uint32_t bss_end[];
void reset_handler();
void fault_handler();
}

namespace countersign::mcu {
namespace {

constexpr std::uintptr_t kOurUart = 0x50200000;
constexpr std::uintptr_t kTheirUart = 0x40200000;  // once the boundary is drawn
constexpr std::uintptr_t kUartShared = 0x50080084;
constexpr std::uintptr_t kSecureFaultStatus = 0xE000EDE4;
constexpr std::uintptr_t kSecureFaultAddress = 0xE000EDE8;
// no exception return that the other side forges finds a frame here (Arm, "Armv8-M stack sealing")
constexpr std::uint32_t kSeal = 0xFEF5EDA5;

using Handler = void (*)();

struct Vectors {
  std::uint32_t* stack;
  std::array<Handler, 15> handlers;
};

std::size_t bytes_between(const std::uint32_t* from, const std::uint32_t* to) {
  return static_cast<std::size_t>(to - from) * sizeof(std::uint32_t);
}

void put(std::string_view text) {
  const std::uintptr_t uart = read_register(kUartShared) != 0 ? kTheirUart : kOurUart;
  write_register(uart + 0x10, 16);  // the least divider
  write_register(uart + 0x08, 1);
  for (const char c : text) {
    while ((read_register(uart + 0x04) & 1U) != 0) {
    }
    write_register(uart, static_cast<unsigned char>(c));
  }
}

void put_hex(std::uint32_t value) {
  std::array<char, 8> digits{};
  for (std::size_t i = digits.size(); i > 0; --i, value >>= 4U) {
    digits[i - 1] = "0123456789abcdef"[value & 0xFU];
  }
  put({digits.data(), digits.size()});
}

}  // namespace

extern "C" [[gnu::used, noreturn]] void report_fault() {
  put("\nsecure-fault status=");
  put_hex(read_register(kSecureFaultStatus));
  put(" address=");
  put_hex(read_register(kSecureFaultAddress));
  put(" cause=");
  put_hex(read_register(kFaultStatus));
  put("\n");
  reset_board();
}

// Whatever went wrong on either side ends here.
extern "C" [[gnu::naked]] void fault_handler() {
  asm volatile(
      "ldr r0, =stack_seal\n"  // the stack may be what went wrong
      "mov sp, r0\n"
      "b report_fault\n");
}

extern "C" int atexit(Handler /*destroy*/) { return 0; }

extern "C" [[noreturn]] void reset_handler() {
  asm volatile("msr msplim, %0" : : "r"(stack_bottom));
  stack_seal[0] = kSeal;
  stack_seal[1] = kSeal;
  std::memcpy(data_start, data_load, bytes_between(data_start, data_end));
  std::memset(bss_start, 0, bytes_between(bss_start, bss_end));
  secure_main();
  put("\nsecure-fault status=none\n");
  reset_board();
}

extern "C" [[gnu::section(".vectors"), gnu::used]] constinit const Vectors vectors{
    stack_seal,
    {reset_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, fault_handler, fault_handler}};

}  // namespace countersign::mcu
