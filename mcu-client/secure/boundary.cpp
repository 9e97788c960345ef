#include "secure/boundary.hpp"

#include "flash/flash.hpp"
#include "port/mps2/cortex_m.hpp"
#include "port/mps2/registers.hpp"

extern "C" std::uint32_t gates_start[];
extern "C" std::uint32_t gates_end[];

namespace countersign::mcu {
namespace {

// Arm Application Note 505: what is attributed where; Arm CoreLink SIE-200: how
constexpr std::uintptr_t kCodeProtection = 0x58007000;    // MPC of SSRAM 1
constexpr std::uintptr_t kMemoryProtection = 0x58009000;  // MPC of SSRAM 3, their RAM
constexpr std::uint32_t kMpcControl = 0x00;
constexpr std::uint32_t kMpcLastBlock = 0x10;
constexpr std::uint32_t kMpcIndex = 0x18;
constexpr std::uint32_t kMpcBlocks = 0x1C;
constexpr std::uint32_t kMpcFaults = 1U << 4U;
constexpr std::uint32_t kMpcLock = 1U << 31U;
constexpr std::uintptr_t kCallableCode = 0x50080014;  // NSCCFG
constexpr std::uintptr_t kTheirBus = 0x50080060;      // AHBNSPPCEXP0
constexpr std::uintptr_t kTheirSerial = 0x50080084;   // APBNSPPCEXP1
constexpr std::uintptr_t kTheirBoard = 0x50080088;    // APBNSPPCEXP2
constexpr std::uint32_t kEthernet = 1U << 5U;
constexpr std::uint32_t kUart0 = 1U << 5U;
constexpr std::uint32_t kFpgaIo = 1U << 2U;

// ARMv8-M Architecture Reference Manual, D1.2
constexpr std::uintptr_t kSauControl = 0xE000EDD0;
constexpr std::uintptr_t kSauRegion = 0xE000EDD8;
constexpr std::uintptr_t kSauFirst = 0xE000EDDC;
constexpr std::uintptr_t kSauLast = 0xE000EDE0;
constexpr std::uintptr_t kTheirInterrupts = 0xE000E380;  // NVIC_ITNS
constexpr std::uintptr_t kTheirVectors = 0xE002ED08;
constexpr std::uint32_t kPreferSecure = 0x05FA4000;  // AIRCR: VECTKEY, PRIS
constexpr std::uint32_t kEthernetInterrupt = 48;

constexpr std::uint32_t kTheirFlash = 0x80000000 + kOurFlashPages * kPageBytes;

/// All of a memory is theirs, or its second half.
void share_memory(std::uintptr_t mpc, bool all) {
  const std::uint32_t last = read_register(mpc + kMpcLastBlock);
  write_register(mpc + kMpcControl, kMpcFaults);
  for (std::uint32_t i = 0; i <= last; ++i) {
    write_register(mpc + kMpcIndex, i);
    write_register(mpc + kMpcBlocks, all || i > last / 2 ? ~0U : 0);
  }
  write_register(mpc + kMpcControl, kMpcFaults | kMpcLock);
}

/// Attributes `first` to `last` to them; or, callable, as a gate into ours.
void attribute(std::uint32_t region, std::uint32_t first, std::uint32_t last, bool callable) {
  write_register(kSauRegion, region);
  write_register(kSauFirst, first);
  write_register(kSauLast, (last & ~31U) | (callable ? 2U : 0U) | 1U);
}

std::uint32_t address_of(const std::uint32_t* symbol) {
  return reinterpret_cast<std::uint32_t>(symbol);
}

}  // namespace

void draw_boundary() {
  share_memory(kCodeProtection, false);
  share_memory(kMemoryProtection, true);
  write_register(kTheirBus, kEthernet);
  write_register(kTheirSerial, kUart0);
  write_register(kTheirBoard, kFpgaIo);
  write_register(kCallableCode, 1);
  attribute(0, kTheirCode, 0x003FFFFF, false);
  attribute(1, 0x28200000, 0x283FFFFF, false);
  attribute(2, 0x40000000, 0x4FFFFFFF, false);
  attribute(3, kTheirFlash, 0x80FFFFFF, false);
  attribute(4, address_of(gates_start), address_of(gates_end) - 1, true);
  write_register(kSauControl, 1);
  write_register(kResetControl, kPreferSecure);
  write_register(kTheirInterrupts + 4 * (kEthernetInterrupt / 32), 1U << (kEthernetInterrupt % 32));
  asm volatile("dsb\n isb" ::: "memory");
}

void enter_other_side() {
  typedef void __attribute__((cmse_nonsecure_call)) TheirReset();  // NOLINT(modernize-use-using)
  write_register(kTheirVectors, kTheirCode);
  const std::uint32_t stack = read_register(kTheirCode);
  const std::uint32_t reset = read_register(kTheirCode + 4);
  asm volatile("msr msp_ns, %0" : : "r"(stack));
  reinterpret_cast<TheirReset*>(reset & ~1U)();
}

}  // namespace countersign::mcu
