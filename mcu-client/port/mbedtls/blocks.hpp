#pragma once

#include <cstddef>

namespace countersign::mcu {

/// mbedTLS asks for memory seldom, in pieces of up to 128 bytes: two for each HMAC context of its
/// own (the DRBG keeps one), one while a key is stored or loaded.
inline constexpr std::size_t kBlockBytes = 128;
inline constexpr std::size_t kBlocks = 6;

/// A zeroed block, or nullptr if all are taken or none is large enough.
extern "C" void* countersign_take_block(std::size_t count, std::size_t size);

/// Wipes a block and takes it back; nullptr is ignored.
extern "C" void countersign_free_block(void* block);

}  // namespace countersign::mcu
