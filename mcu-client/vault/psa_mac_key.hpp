#pragma once

#include <cstdint>

#include "countersign/crypto.hpp"

namespace countersign::mcu {

/// An HMAC key that PSA keeps in flash under a number: this knows the number alone. PSA must be
/// started.
class PsaMacKey final : public MacKey {
 public:
  explicit PsaMacKey(std::uint32_t id) : id_{id} {}

  [[nodiscard]] bool sign(Parts parts, Digest& out) const override;

  /// Puts `key` in the place of the one there is, if any. A cut leaves the old one, none or the
  /// new one.
  [[nodiscard]] bool import(const Key32& key) const;
  /// There is no such key from here on, and was perhaps none before.
  [[nodiscard]] bool destroy() const;

 private:
  std::uint32_t id_;
};

}  // namespace countersign::mcu
