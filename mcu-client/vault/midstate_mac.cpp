#include "vault/midstate_mac.hpp"

namespace countersign::mcu {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::byte kInnerPad{0x36};
constexpr std::byte kOuterPad{0x5C};

using PaddedKey = SecretKey<kBlock>;

/// Begins a hash with the key XOR `pad`, as one whole block.
bool begin(Sha256& hash, const PaddedKey& key, std::byte pad) {
  PaddedKey block{key};
  for (std::byte& b : block.fill()) {
    b ^= pad;
  }
  return hash.start() && hash.add(block.bytes());
}

bool pad_key(ByteView key, PaddedKey& out) {
  if (key.size() <= kBlock) {
    copy(key, out.fill());
    return true;
  }
  Sha256 hash;
  Digest digest{};
  const bool made = hash.start() && hash.add(key) && hash.finish(digest);
  copy(digest, out.fill());
  wipe(digest);
  return made;
}

}  // namespace

bool MidstateMac::prepare(ByteView key) {
  PaddedKey padded;
  ready_ =
      pad_key(key, padded) && begin(inner_, padded, kInnerPad) && begin(outer_, padded, kOuterPad);
  if (!ready_) {
    forget();
  }
  return ready_;
}

void MidstateMac::forget() {
  ready_ = false;
  inner_ = Sha256{};
  outer_ = Sha256{};
}

bool MidstateMac::sign(Parts parts, Digest& out) const {
  Sha256 inner{inner_};
  Sha256 outer{outer_};
  return ready_ && inner.add(parts) && inner.finish(out) && outer.add(out) && outer.finish(out);
}

}  // namespace countersign::mcu
