#pragma once

#include "countersign/keys.hpp"
#include "vault/sha256.hpp"

/// What HMAC does with its key (RFC 2104, section 2). Private to vault/.
namespace countersign::mcu {

inline constexpr std::size_t kHashBlockBytes = 64;

/// A key as a block of the hash. Wipes itself.
using PaddedKey = SecretKey<kHashBlockBytes>;

/// The key with zeros behind it; of one longer than a block, its hash, which `hash` is used for.
[[nodiscard]] bool pad_key(Sha256& hash, ByteView key, PaddedKey& out);

/// Begins the inner hash with a padded key, in whose place ipad stays applied.
[[nodiscard]] bool begin_inner(Sha256& hash, PaddedKey& key);

/// Begins the outer hash with what `begin_inner` left of the key.
[[nodiscard]] bool begin_outer(Sha256& hash, PaddedKey& key);

}  // namespace countersign::mcu
