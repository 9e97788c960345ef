#include "blocks.hpp"

#include <array>

#include "countersign/bytes.hpp"

namespace countersign::mcu {
namespace {

struct Block {
  alignas(std::max_align_t) Bytes<kBlockBytes> bytes;
};

constinit std::array<Block, kBlocks> blocks{};
constinit std::array<bool, kBlocks> taken{};

}  // namespace

// Every block is zero while it is free: blocks start so, and end so.
void* countersign_take_block(std::size_t count, std::size_t size) {
  if (size != 0 && count > kBlockBytes / size) {
    return nullptr;
  }
  for (std::size_t i = 0; i < kBlocks; ++i) {
    if (!taken[i]) {
      taken[i] = true;
      return blocks[i].bytes.data();
    }
  }
  return nullptr;
}

void countersign_free_block(void* block) {
  for (std::size_t i = 0; i < kBlocks; ++i) {
    if (block == blocks[i].bytes.data()) {
      wipe(blocks[i].bytes);
      taken[i] = false;
    }
  }
}

}  // namespace countersign::mcu
