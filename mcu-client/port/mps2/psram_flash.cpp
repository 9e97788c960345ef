#include "psram_flash.hpp"

#include <cstring>

#include "board.hpp"
#include "registers.hpp"

namespace countersign::mcu {
namespace {

constexpr std::uint32_t kErased = 0xFFFFFFFF;

bool inside(std::uint32_t at, std::size_t size) {
  return at <= kPsramBytes && size <= kPsramBytes - at;
}

}  // namespace

std::uint32_t PsramFlash::pages() const { return kPsramBytes / kPageBytes; }

bool PsramFlash::read(std::uint32_t at, MutableBytes out) const {
  if (!inside(at, out.size())) {
    return false;
  }
  std::memcpy(out.data(), reinterpret_cast<const void*>(kBoard.psram + at), out.size());
  return true;
}

// Words one after another in rising order, so that a cut falls between two of them.
bool PsramFlash::program(std::uint32_t at, ByteView words) {
  if (!inside(at, words.size()) || at % kWordBytes != 0 || words.size() % kWordBytes != 0) {
    return false;
  }
  for (std::size_t i = 0; i < words.size(); i += kWordBytes) {
    std::uint32_t word = 0;
    std::memcpy(&word, words.data() + i, kWordBytes);
    const std::uintptr_t place = kBoard.psram + at + i;
    write_register(place, read_register(place) & word);
  }
  return true;
}

bool PsramFlash::erase(std::uint32_t page) {
  if (page >= pages()) {
    return false;
  }
  const std::uintptr_t start = kBoard.psram + page * kPageBytes;
  for (std::uintptr_t place = start; place < start + kPageBytes; place += kWordBytes) {
    write_register(place, kErased);
  }
  return true;
}

}  // namespace countersign::mcu
