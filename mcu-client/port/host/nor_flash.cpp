#include "port/host/nor_flash.hpp"

#include <algorithm>
#include <cstdlib>

namespace countersign::mcu::host {

std::uint32_t NorFlash::pages() const {
  return static_cast<std::uint32_t>(memory_.size() / kPageBytes);
}

bool NorFlash::read(std::uint32_t at, MutableBytes out) const {
  if (at > memory_.size() || out.size() > memory_.size() - at) {
    return false;
  }
  std::ranges::copy(memory_.subspan(at, out.size()), out.begin());
  return true;
}

bool NorFlash::program(std::uint32_t at, ByteView words) {
  if (at > memory_.size() || words.size() > memory_.size() - at) {
    return false;
  }
  if (at % kWordBytes != 0 || words.size() % kWordBytes != 0) {
    std::abort();
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if ((words[i] & ~memory_[at + i]) != std::byte{0}) {
      std::abort();
    }
    memory_[at + i] = words[i];
  }
  return true;
}

bool NorFlash::erase(std::uint32_t page) {
  if (page >= pages()) {
    return false;
  }
  std::ranges::fill(memory_.subspan(std::size_t{page} * kPageBytes, kPageBytes), std::byte{0xFF});
  return true;
}

}  // namespace countersign::mcu::host
