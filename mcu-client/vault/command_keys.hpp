#pragma once

#include <array>
#include <span>

#include "flash/record_store.hpp"
#include "vault/psa_mac_key.hpp"
#include "vault/vault_records.hpp"

namespace countersign::mcu {

/// The secrets K that this device shares with its commanders (docs/protocol.md, section 7), as
/// persistent keys of PSA, in the order in which they were provisioned.
class CommandKeys {
 public:
  /// Borrows `records`, which must be open when open() is called, as PSA must be started.
  explicit CommandKeys(RecordStore& records) : records_{records} {}

  /// Finds the keys; the very first time imports `first`, at most `kMaxCommanders`.
  /// \returns false if there are too many, or the flash fails.
  [[nodiscard, gnu::noinline]] bool open(std::span<const Key32> first);

  [[nodiscard]] std::size_t size() const { return size_; }
  /// `index` is below size().
  [[nodiscard]] const MacKey& operator[](std::size_t index) const { return keys_[index]; }

 private:
  RecordStore& records_;
  std::array<PsaMacKey, kMaxCommanders> keys_{
      PsaMacKey{kFirstCommandKey}, PsaMacKey{kFirstCommandKey + 1}, PsaMacKey{kFirstCommandKey + 2},
      PsaMacKey{kFirstCommandKey + 3}};
  std::size_t size_ = 0;
};

}  // namespace countersign::mcu
