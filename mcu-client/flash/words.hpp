#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "flash/flash.hpp"

namespace countersign::mcu {

using Word = Bytes<kWordBytes>;

inline constexpr std::uint32_t kBlankWord = 0xFFFFFFFF;

/// Words are in flash with their least significant byte first, as the processor has them.
[[nodiscard]] constexpr std::uint32_t word_of(std::span<const std::byte, kWordBytes> bytes) {
  return std::to_integer<std::uint32_t>(bytes[0]) | std::to_integer<std::uint32_t>(bytes[1]) << 8 |
         std::to_integer<std::uint32_t>(bytes[2]) << 16 |
         std::to_integer<std::uint32_t>(bytes[3]) << 24;
}

[[nodiscard]] constexpr Word word_bytes(std::uint32_t value) {
  return {static_cast<std::byte>(value & 0xFFU), static_cast<std::byte>((value >> 8) & 0xFFU),
          static_cast<std::byte>((value >> 16) & 0xFFU), static_cast<std::byte>(value >> 24)};
}

[[nodiscard]] constexpr std::uint32_t in_words(std::uint32_t bytes) {
  return (bytes + kWordBytes - 1) & ~(kWordBytes - 1);
}

[[nodiscard]] bool read_word(const Flash& flash, std::uint32_t at, std::uint32_t& out);
[[nodiscard]] bool program_word(Flash& flash, std::uint32_t at, std::uint32_t value);

/// A number of 16 bits with its complement above it. No mixture of one such word with a blank one
/// is another: neither a write nor an erasure that was cut makes a number out of a number.
[[nodiscard]] constexpr std::uint32_t twin_word(std::uint16_t number) {
  return static_cast<std::uint32_t>(number) | ~static_cast<std::uint32_t>(number) << 16;
}
[[nodiscard]] constexpr bool is_twin(std::uint32_t word) {
  return twin_word(static_cast<std::uint16_t>(word & 0xFFFFU)) == word;
}

/// True if `a` was counted after `b`: they may have begun again at 0 in between.
[[nodiscard]] constexpr bool later(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b)) > 0;
}

/// CRC-32 (ISO-HDLC) over `bytes`, begun with `seed`: where the bytes stand, so that a copy of them
/// elsewhere counts for nothing.
[[nodiscard]] std::uint32_t crc32(std::uint32_t seed, ByteView bytes);

}  // namespace countersign::mcu
