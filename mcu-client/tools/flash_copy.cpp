#include "tools/flash_copy.hpp"

#include <algorithm>

#include "port/host/flash_file.hpp"

namespace countersign::mcu::tools {
namespace {

constexpr std::byte kBlank{0xFF};

}  // namespace

client::Outcome<FlashCopy> FlashCopy::of_file(const std::string& path) {
  const auto file = host::FlashFile::open(path, false);
  if (!file) {
    return client::Error{.fault = client::Fault::file,
                         .text = "cannot read " + path + " as a flash",
                         .hint = "a plain file of whole pages of 4096 bytes that you may read"};
  }
  FlashCopy copy{ByteView{}};
  if (!file->read(0, copy.memory_)) {
    return client::Error{.fault = client::Fault::file,
                         .text = path + " is too short for a flash",
                         .hint = "it has " + std::to_string(kPages) + " pages at least"};
  }
  return copy;
}

FlashCopy::FlashCopy(ByteView bytes) : memory_(std::size_t{kPages} * kPageBytes, kBlank) {
  std::ranges::copy(bytes.first(std::min(bytes.size(), memory_.size())), memory_.begin());
}

bool FlashCopy::read(std::uint32_t at, MutableBytes out) const {
  if (at > memory_.size() || out.size() > memory_.size() - at) {
    return false;
  }
  copy(ByteView{memory_}.subspan(at, out.size()), out);
  return true;
}

bool FlashCopy::program(std::uint32_t at, ByteView words) {
  if (at > memory_.size() || words.size() > memory_.size() - at) {
    return false;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    memory_[at + i] &= words[i];
  }
  return true;
}

bool FlashCopy::erase(std::uint32_t page) {
  if (page >= kPages) {
    return false;
  }
  std::ranges::fill(MutableBytes{memory_}.subspan(std::size_t{page} * kPageBytes, kPageBytes),
                    kBlank);
  return true;
}

bool FlashCopy::blank(const Region& region) const {
  const ByteView bytes = ByteView{memory_}.subspan(region.address(), region.bytes());
  return std::ranges::all_of(bytes, [](std::byte b) { return b == kBlank; });
}

}  // namespace countersign::mcu::tools
