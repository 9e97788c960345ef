#include "board_mark.hpp"

#include "board.hpp"
#include "registers.hpp"

namespace countersign::mcu {
namespace {

// SMSC LAN9118 data sheet, section 5.4
constexpr std::uint32_t kMacCommand = 0xA4;
constexpr std::uint32_t kMacData = 0xA8;
constexpr std::uint32_t kMacAddressHigh = 2;
constexpr std::uint32_t kMacAddressLow = 3;
constexpr std::uint32_t kBusy = 1U << 31U;
constexpr std::uint32_t kRead = 1U << 30U;
constexpr std::uint32_t kPolls = 1'000;

std::uint32_t address_part(std::uint32_t index) {
  write_register(kBoard.ethernet + kMacCommand, kBusy | kRead | index);
  for (std::uint32_t i = 0; i < kPolls; ++i) {
    if ((read_register(kBoard.ethernet + kMacCommand) & kBusy) == 0) {
      return read_register(kBoard.ethernet + kMacData);
    }
  }
  return 0;
}

}  // namespace

Bytes<12> board_mark() {
  Bytes<12> mark{};
  Writer out{mark};
  out.be(address_part(kMacAddressHigh)).be(address_part(kMacAddressLow));
  out.be(read_register(kBoard.counter));
  return mark;
}

}  // namespace countersign::mcu
