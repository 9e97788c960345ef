#include "console.hpp"

#include <array>
#include <cstddef>

#include "board.hpp"
#include "registers.hpp"

namespace countersign::mcu {
namespace {

// CMSDK APB UART (Arm DDI 0479)
constexpr std::uint32_t kData = 0x00;
constexpr std::uint32_t kState = 0x04;
constexpr std::uint32_t kControl = 0x08;
constexpr std::uint32_t kBaudDivider = 0x10;
constexpr std::uint32_t kSendFull = 1;
constexpr std::uint32_t kSendOn = 1;
constexpr std::uint32_t kBaud = 115200;

void put(char c) {
  while ((read_register(kBoard.uart + kState) & kSendFull) != 0) {
  }
  write_register(kBoard.uart + kData, static_cast<unsigned char>(c));
}

void put(std::string_view text) {
  for (const char c : text) {
    put(c);
  }
}

void put_key(std::string_view key) {
  put(' ');
  put(key);
  put('=');
}

void put_digits(std::uint32_t value, std::uint32_t base) {
  std::array<char, 10> digits{};
  std::size_t count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  while (count > 0) {
    put(digits[--count]);
  }
}

}  // namespace

void start_console() {
  write_register(kBoard.uart + kBaudDivider, kBoard.clock_hz / kBaud);
  write_register(kBoard.uart + kControl, kSendOn);
}

LogLine::LogLine(std::string_view event) { put(event); }

LogLine::~LogLine() { put('\n'); }

LogLine& LogLine::text(std::string_view key, std::string_view value) {
  put_key(key);
  put(value);
  return *this;
}

LogLine& LogLine::number(std::string_view key, std::uint32_t value) {
  put_key(key);
  put_digits(value, 10);
  return *this;
}

LogLine& LogLine::hex(std::string_view key, std::uint32_t value) {
  put_key(key);
  put_digits(value, 16);
  return *this;
}

}  // namespace countersign::mcu
