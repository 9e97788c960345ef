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

bool read_words(const Flash& flash, std::uint32_t at, std::span<Word> out) {
  return flash.read(at, std::as_writable_bytes(out));
}

bool program_words(Flash& flash, std::uint32_t at, std::span<const Word> words) {
  return flash.program(at, std::as_bytes(words));
}

bool program_word(Flash& flash, std::uint32_t at, Word word) {
  return program_words(flash, at, {&word, 1});
}

std::uint32_t crc32(std::uint32_t seed, std::span<const Word> words) {
  std::uint32_t crc = ~seed;
  for (const Word word : words) {
    crc ^= word;
    for (std::size_t nibble = 0; nibble < 2 * kWordBytes; ++nibble) {
      crc = crc >> 4 ^ kTable[crc & 15];
    }
  }
  return ~crc;
}

}  // namespace countersign::mcu
