#include "vault/midstate_mac.hpp"

#include "vault/padded_key.hpp"

namespace countersign::mcu {

bool MidstateMac::prepare(ByteView key) {
  PaddedKey block;
  ready_ = pad_key(inner_, key, block) && begin_inner(inner_, block) && begin_outer(outer_, block);
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
