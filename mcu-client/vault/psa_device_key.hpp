#pragma once

#include <array>

#include "flash/record_store.hpp"
#include "vault/psa_mac_key.hpp"
#include "vault/seams.hpp"
#include "vault/vault_records.hpp"

namespace countersign::mcu {

/// The device's long-term key as a persistent key of PSA, and the next one as another: a record
/// says which is which, so a change is one write. A key that no record names is destroyed at the
/// next start.
class PsaDeviceKey final : public DeviceKey {
 public:
  /// Borrows `records`, which must be open when open() is called, as PSA must be started.
  explicit PsaDeviceKey(RecordStore& records) : records_{records} {}

  /// Finds the keys; the very first time imports `first`. Null: there is none any more.
  /// \returns false if there is no key at all, or the flash fails.
  [[nodiscard, gnu::noinline]] bool open(const Key32* first);

  [[nodiscard]] const MacKey& present() const override { return key(named_.present); }
  [[nodiscard]] const MacKey* next() const override {
    return named_.next == 0 ? nullptr : &key(named_.next);
  }
  /// The next key there is stays until this replaces it; a cut in between leaves none.
  [[nodiscard]] bool store_next(const Key32& next) override;
  [[nodiscard]] bool promote() override;
  [[nodiscard]] bool drop_next() override;

 private:
  /// Which of our two keys is which, as the record says it.
  struct Named {
    std::uint8_t present = kFirstDeviceKey;
    std::uint8_t next = 0;
  };

  [[nodiscard]] const PsaMacKey& key(std::uint8_t id) const { return keys_[id - kFirstDeviceKey]; }
  [[nodiscard]] std::uint8_t other() const {
    return static_cast<std::uint8_t>(2 * kFirstDeviceKey + 1 - named_.present);
  }
  [[nodiscard]] bool is_next(const Key32& next) const;
  [[nodiscard]] bool name(Named named);

  RecordStore& records_;
  std::array<PsaMacKey, 2> keys_{PsaMacKey{kFirstDeviceKey}, PsaMacKey{kFirstDeviceKey + 1}};
  Named named_;
};

}  // namespace countersign::mcu
