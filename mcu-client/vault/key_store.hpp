#pragma once

#include <span>

#include "flash/flash.hpp"
#include "flash/record_store.hpp"
#include "vault/command_keys.hpp"
#include "vault/drbg.hpp"
#include "vault/flash_numbers.hpp"
#include "vault/midstate_mac.hpp"
#include "vault/psa_crypto.hpp"
#include "vault/psa_device_key.hpp"
#include "vault/vault.hpp"

namespace countersign::mcu {

/// What provisioning gives a device once. Borrows.
struct FirstSecrets {
  const Key32& key;  ///< k, or K_reg
  ByteView seed;     ///< `kSeedBytes` that no other device has
  std::span<const Key32> commanders;
};

/// All that the vault needs, on two pages of flash: keys in PSA, numbers, and randomness for boards
/// that have no source of it. There is one in an image, for PSA has one store.
class KeyStore {
 public:
  /// Borrows `flash`. The pages are `first_page` and the one behind it.
  KeyStore(Flash& flash, std::uint32_t first_page)
      : records_{flash, first_page},
        device_key_{records_},
        commanders_{records_},
        numbers_{records_} {}
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;
  ~KeyStore();

  /// Once after each start. `first` counts only until it has returned true once: then nobody needs
  /// these secrets any more. Null: they are gone already. `board` tells this board, or this start,
  /// from any other: without it a copy of the flash would make the same nonces, and T would take
  /// its messages for repetitions instead of seeing two devices. \returns false if the flash fails
  /// or something is missing, `board` too; nothing then works.
  [[nodiscard]] bool open(const FirstSecrets* first, ByteView board);

  /// What a `Vault` is made of; this, and `commands`, outlive it.
  [[nodiscard]] Vault::Parts parts(CommandResponder& commands) {
    return {crypto_, drbg_, device_key_, numbers_, session_mac_, commands};
  }
  [[nodiscard]] PreparedMac& session_mac() { return session_mac_; }

  [[nodiscard]] const Crypto& crypto() const { return crypto_; }
  [[nodiscard]] Random& random() { return drbg_; }
  [[nodiscard]] PsaDeviceKey& device_key() { return device_key_; }
  [[nodiscard]] const CommandKeys& commanders() const { return commanders_; }
  [[nodiscard]] const FlashNumbers& numbers() const { return numbers_; }

 private:
  RecordStore records_;
  Drbg drbg_;
  PsaCrypto crypto_;
  PsaDeviceKey device_key_;
  CommandKeys commanders_;
  FlashNumbers numbers_;
  MidstateMac session_mac_;
};

}  // namespace countersign::mcu
