#include "vault/padded_key.hpp"

namespace countersign::mcu {
namespace {

constexpr std::byte kInnerPad{0x36};
constexpr std::byte kOuterPad{0x5C};

bool begin(Sha256& hash, PaddedKey& key, std::byte pad) {
  for (std::byte& b : key.fill()) {
    b ^= pad;
  }
  return hash.start() && hash.add(key.bytes());
}

}  // namespace

bool pad_key(Sha256& hash, ByteView key, PaddedKey& out) {
  if (key.size() <= kHashBlockBytes) {
    copy(key, out.fill());
    return true;
  }
  Digest digest{};
  const bool made = hash.start() && hash.add(key) && hash.finish(digest);
  copy(digest, out.fill());
  wipe(digest);
  return made;
}

bool begin_inner(Sha256& hash, PaddedKey& key) { return begin(hash, key, kInnerPad); }

bool begin_outer(Sha256& hash, PaddedKey& key) { return begin(hash, key, kInnerPad ^ kOuterPad); }

}  // namespace countersign::mcu
