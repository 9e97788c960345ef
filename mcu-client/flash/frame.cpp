#include "flash/frame.hpp"

namespace countersign::mcu {

void Frame::set(std::uint16_t name, std::uint8_t marks, ByteView data) {
  words_ = {};
  words_[0] = name | static_cast<Word>(data.size()) << 16 | static_cast<Word>(marks) << 24;
  copy(data, std::as_writable_bytes(std::span{words_}).subspan(kWordBytes));
}

Word Frame::crc(std::uint32_t at, Word later) const {
  const Word head = words_[0] | later;
  const std::size_t words = total() / kWordBytes;
  return crc32(crc32(at, {&head, 1}), std::span{words_}.subspan(1, words - 2));
}

bool Frame::load(const Flash& flash, std::uint32_t at, Word later) {
  valid_ = false;
  if (!read_words(flash, at, std::span{words_}.first(1))) {
    return false;
  }
  if (size() > kMaxFrameData || at % kPageBytes + total() > kPageBytes) {
    return true;
  }
  const std::size_t words = total() / kWordBytes;
  // its head is not read twice: it might read differently
  if (!read_words(flash, at + kWordBytes, std::span{words_}.subspan(1, words - 1))) {
    return false;
  }
  valid_ = words_[words - 1] == crc(at, later);
  return true;
}

bool Frame::write(Flash& flash, std::uint32_t at, Word later) {
  words_[total() / kWordBytes - 1] = crc(at, later);
  return make_firm(flash, at) && load(flash, at, later) && valid_;
}

}  // namespace countersign::mcu
