#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "flash/words.hpp"

namespace countersign::mcu {

inline constexpr std::uint32_t kMaxFrameData = 200;
inline constexpr std::uint32_t kFrameExtra = 2 * kWordBytes;  ///< head and CRC
inline constexpr std::uint32_t kMaxFrameBytes = kFrameExtra + kMaxFrameData;

/// Up to 200 bytes as they are in flash, of a record or of a reading. Wiped when it ends.
///   size  field
///   4     head   u16 name · u8 size · u8 marks, as a word
///   n     data, filled up to words with 0
///   4     CRC-32, begun with the address, so that a frame is one in its place only
class Frame {
 public:
  Frame() = default;
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() { clear(); }

  void set(std::uint16_t name, std::uint8_t marks, ByteView data);
  void clear() { wipe(std::as_writable_bytes(std::span{words_})); }

  /// Reads what may be a frame. `later` are bits of the head that may have become 0 since it was
  /// written. \returns false if the flash fails; whether it is a frame: valid().
  [[nodiscard]] bool load(const Flash& flash, std::uint32_t at, Word later);

  /// Writes this to `at`, CRC last, and reads it back. \returns false if the flash fails.
  [[nodiscard]] bool write(Flash& flash, std::uint32_t at, Word later);

  /// Writes once more what load() found: bits that read 0 by luck become 0.
  [[nodiscard]] bool make_firm(Flash& flash, std::uint32_t at) const {
    return program_words(flash, at, all());
  }

  [[nodiscard]] bool valid() const { return valid_; }
  [[nodiscard]] Word head() const { return words_[0]; }
  [[nodiscard]] std::uint16_t name() const { return static_cast<std::uint16_t>(head() & 0xFFFFU); }
  [[nodiscard]] std::uint8_t size() const {
    return static_cast<std::uint8_t>((head() >> 16) & 0xFFU);
  }
  [[nodiscard]] std::uint8_t marks() const { return static_cast<std::uint8_t>(head() >> 24); }
  [[nodiscard]] ByteView data() const {
    return std::as_bytes(std::span{words_}).subspan(kWordBytes, size());
  }
  [[nodiscard]] std::uint32_t total() const { return total_of(size()); }
  [[nodiscard]] static constexpr std::uint32_t total_of(std::uint32_t size) {
    return kFrameExtra + in_words(size);
  }

 private:
  [[nodiscard]] std::span<const Word> all() const {
    return std::span{words_}.first(total() / kWordBytes);
  }
  [[nodiscard]] Word crc(std::uint32_t at, Word later) const;

  std::array<Word, kMaxFrameBytes / kWordBytes> words_{};
  bool valid_ = false;
};

}  // namespace countersign::mcu
