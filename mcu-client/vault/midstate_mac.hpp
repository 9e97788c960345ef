#pragma once

#include "vault/seams.hpp"
#include "vault/sha256.hpp"

namespace countersign::mcu {

/// HMAC-SHA-256 whose key was taken in beforehand (RFC 2104, section 4): a message of 64 bytes then
/// takes three compressions where five were needed. Wipes itself.
class MidstateMac final : public PreparedMac {
 public:
  [[nodiscard]] bool prepare(const Key32& key) override { return prepare(key.bytes()); }
  /// A key of any length.
  [[nodiscard]] bool prepare(ByteView key);
  void forget() override;
  [[nodiscard]] bool sign(Parts parts, Digest& out) const override;

 private:
  Sha256 inner_;  // the key XOR ipad is behind it
  Sha256 outer_;  // the key XOR opad is
  bool ready_ = false;
};

}  // namespace countersign::mcu
