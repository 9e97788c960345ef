#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "flash/flash.hpp"

namespace countersign::mcu {

// what is in flash has its least significant byte first, as the processors have it
static_assert(std::endian::native == std::endian::little);

using Word = std::uint32_t;

inline constexpr Word kBlankWord = 0xFFFFFFFF;

[[nodiscard]] constexpr std::uint32_t in_words(std::uint32_t bytes) {
  return (bytes + kWordBytes - 1) & ~(kWordBytes - 1);
}

[[nodiscard]] bool read_words(const Flash& flash, std::uint32_t at, std::span<Word> out);
[[nodiscard]] bool program_words(Flash& flash, std::uint32_t at, std::span<const Word> words);
[[nodiscard]] bool program_word(Flash& flash, std::uint32_t at, Word word);

/// True if `a` was counted after `b`: they may have begun again at 0 in between.
[[nodiscard]] constexpr bool later(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b)) > 0;
}

/// CRC-32 (ISO-HDLC) over `words`, begun with `seed`: where they stand, so that a copy of them
/// elsewhere counts for nothing.
[[nodiscard]] std::uint32_t crc32(std::uint32_t seed, std::span<const Word> words);

}  // namespace countersign::mcu
