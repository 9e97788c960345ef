#include "lan9118.hpp"

#include <cstring>

#include "board.hpp"
#include "registers.hpp"

namespace countersign::mcu {
namespace {

// SMSC LAN9118 data sheet, sections 5.2 to 5.4
constexpr std::uint32_t kReceiveData = 0x00;
constexpr std::uint32_t kSendData = 0x20;
constexpr std::uint32_t kReceiveStatus = 0x40;
constexpr std::uint32_t kReceiveStatusPeek = 0x44;
constexpr std::uint32_t kSendStatus = 0x48;
constexpr std::uint32_t kInterruptConfig = 0x54;
constexpr std::uint32_t kInterruptStatus = 0x58;
constexpr std::uint32_t kInterruptEnable = 0x5C;
constexpr std::uint32_t kByteTest = 0x64;
constexpr std::uint32_t kFifoLevels = 0x68;
constexpr std::uint32_t kReceiveConfig = 0x6C;
constexpr std::uint32_t kSendConfig = 0x70;
constexpr std::uint32_t kHardwareConfig = 0x74;
constexpr std::uint32_t kReceiveInformation = 0x7C;
constexpr std::uint32_t kSendInformation = 0x80;
constexpr std::uint32_t kMacCommand = 0xA4;
constexpr std::uint32_t kMacData = 0xA8;

constexpr std::uint32_t kMacControl = 1;
constexpr std::uint32_t kMacAddressHigh = 2;
constexpr std::uint32_t kMacAddressLow = 3;
constexpr std::uint32_t kMacPhyAccess = 6;
constexpr std::uint32_t kMacPhyData = 7;

constexpr std::uint32_t kTestPattern = 0x87654321;
constexpr std::uint32_t kSoftReset = 1;
constexpr std::uint32_t kMustBeOne = 1U << 20U;
constexpr std::uint32_t kSendFifo5K = 5U << 16U;
constexpr std::uint32_t kSendOn = 2;
constexpr std::uint32_t kFullDuplexSendReceive = 1U << 20U | 1U << 3U | 1U << 2U;
constexpr std::uint32_t kActiveHighPushPullOn = 1U << 8U | 1U << 4U | 1U;
constexpr std::uint32_t kReceiveLevelCall = 1U << 3U;
constexpr std::uint32_t kReceiveBroken = 1U << 15U;
constexpr std::uint32_t kBusy = 1U << 31U;
constexpr std::uint32_t kRead = 1U << 30U;
constexpr std::uint32_t kPhyStatus = 1U << 11U | 1U << 6U;  // device 1, register 1
constexpr std::uint32_t kPhyLink = 1U << 2U;
constexpr std::uint32_t kPolls = 100'000;
constexpr std::size_t kFrameOverhead = 16;

std::uint32_t get_word(std::uint32_t at) { return read_register(kBoard.ethernet + at); }
void set_word(std::uint32_t at, std::uint32_t value) {
  write_register(kBoard.ethernet + at, value);
}

// Waits, but not for ever, until the bits are clear.
bool cleared(std::uint32_t at, std::uint32_t bits) {
  for (std::uint32_t i = 0; i < kPolls; ++i) {
    if ((get_word(at) & bits) == 0) {
      return true;
    }
  }
  return false;
}

// A MAC that does not answer reads as zero: no address, no link.
std::uint32_t get_mac(std::uint32_t index) {
  set_word(kMacCommand, kBusy | kRead | index);
  return cleared(kMacCommand, kBusy) ? get_word(kMacData) : 0;
}

bool set_mac(std::uint32_t index, std::uint32_t value) {
  set_word(kMacData, value);
  set_word(kMacCommand, kBusy | index);
  return cleared(kMacCommand, kBusy);
}

void forget_send_status() {
  while ((get_word(kSendInformation) >> 16U & 0xFFU) != 0) {
    [[maybe_unused]] const std::uint32_t status = get_word(kSendStatus);
  }
}

}  // namespace

bool Lan9118::start() {
  if (get_word(kByteTest) != kTestPattern) {
    return false;
  }
  set_word(kHardwareConfig, kSoftReset);
  if (!cleared(kHardwareConfig, kSoftReset)) {
    return false;
  }
  set_word(kHardwareConfig, kMustBeOne | kSendFifo5K);
  set_word(kFifoLevels, 0);  // one frame is enough to call
  set_word(kReceiveConfig, 0);
  set_word(kSendConfig, kSendOn);
  acknowledge();
  set_word(kInterruptConfig, kActiveHighPushPullOn);
  set_word(kInterruptEnable, kReceiveLevelCall);
  return set_mac(kMacControl, kFullDuplexSendReceive);
}

Bytes<6> Lan9118::address() const {
  const std::uint64_t number =
      static_cast<std::uint64_t>(get_mac(kMacAddressHigh)) << 32U | get_mac(kMacAddressLow);
  Bytes<6> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::byte>(number >> (8 * i));
  }
  return out;
}

bool Lan9118::link() const {
  if (!set_mac(kMacPhyAccess, kPhyStatus)) {
    return false;
  }
  return (get_mac(kMacPhyData) & kPhyLink) != 0;
}

bool Lan9118::begin(std::size_t size) {
  forget_send_status();
  if ((get_word(kSendInformation) & 0xFFFFU) < size + kFrameOverhead) {
    return false;
  }
  // no alignment at the end: QEMU 7.2 takes it from the wrong bits
  const auto length = static_cast<std::uint32_t>(size);
  set_word(kSendData, 1U << 13U | 1U << 12U | length);  // first and last segment
  set_word(kSendData, length << 16U | length);
  held_ = 0;
  held_bits_ = 0;
  return true;
}

void Lan9118::put(ByteView piece) {
  while (piece.size() >= 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, piece.data(), 4);
    set_word(kSendData, held_ | word << held_bits_);
    held_ = held_bits_ == 0 ? 0 : word >> (32 - held_bits_);
    piece = piece.subspan(4);
  }
  for (const std::byte b : piece) {
    held_ |= std::to_integer<std::uint32_t>(b) << held_bits_;
    held_bits_ += 8;
    if (held_bits_ == 32) {
      end();
    }
  }
}

void Lan9118::end() {
  if (held_bits_ != 0) {
    set_word(kSendData, held_);
  }
  held_ = 0;
  held_bits_ = 0;
}

void Lan9118::acknowledge() { set_word(kInterruptStatus, 0xFFFFFFFF); }

std::size_t Lan9118::waiting() const {
  if ((get_word(kReceiveInformation) >> 16U & 0xFFU) == 0) {
    return 0;
  }
  return get_word(kReceiveStatusPeek) >> 16U & 0x3FFFU;
}

bool Lan9118::take() { return (get_word(kReceiveStatus) & kReceiveBroken) == 0; }

void Lan9118::get(MutableBytes piece) {
  while (!piece.empty()) {
    const std::uint32_t word = get_word(kReceiveData);
    const std::size_t size = piece.size() < 4 ? piece.size() : 4;
    std::memcpy(piece.data(), &word, size);
    piece = piece.subspan(size);
  }
}

void Lan9118::skip(std::size_t size) {
  for (std::size_t i = 0; i < size; i += 4) {
    [[maybe_unused]] const std::uint32_t word = get_word(kReceiveData);
  }
}

}  // namespace countersign::mcu
