#include "flash/words.hpp"

#include <array>

namespace countersign::mcu {
namespace {

// of the reflected polynomial, a nibble at a time: 64 bytes of table instead of 1,024
constexpr std::array<std::uint32_t, 16> make_table() {
  std::array<std::uint32_t, 16> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (std::size_t bit = 0; bit < 4; ++bit) {
      value = value >> 1 ^ ((value & 1) != 0 ? 0xEDB88320U : 0);
    }
    table[i] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 16> kTable = make_table();

}  // namespace

bool read_word(const Flash& flash, std::uint32_t at, std::uint32_t& out) {
  Word bytes{};
  const bool read = flash.read(at, bytes);
  out = word_of(bytes);
  return read;
}

bool program_word(Flash& flash, std::uint32_t at, std::uint32_t value) {
  const Word bytes = word_bytes(value);
  return flash.program(at, bytes);
}

std::uint32_t crc32(std::uint32_t seed, ByteView bytes) {
  std::uint32_t crc = ~seed;
  for (const std::byte b : bytes) {
    crc ^= std::to_integer<std::uint32_t>(b);
    crc = crc >> 4 ^ kTable[crc & 15];
    crc = crc >> 4 ^ kTable[crc & 15];
  }
  return ~crc;
}

}  // namespace countersign::mcu
