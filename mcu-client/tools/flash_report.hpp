#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "core/ring.hpp"
#include "flash/provisioning.hpp"
#include "flash/record_store.hpp"
#include "tools/flash_copy.hpp"

namespace countersign::mcu::tools {

enum class Content : std::uint8_t {
  blank,       ///< nothing was ever written
  good,        ///< the device opens it
  unreadable,  ///< the device stops at it
};
[[nodiscard]] std::string_view name_of(Content content);

/// Two pages of records, as the next start of the device finds them.
struct StoreReport {
  Content content = Content::blank;
  std::uint16_t generation = 0;
  std::size_t free_bytes = 0;
  std::vector<RecordInfo> records;  ///< by their ids
};

/// What the vault keeps, without any secret.
struct VaultReport {
  StoreReport store;
  // the next start gives no number below these
  std::uint32_t epoch = 1;
  std::uint32_t message = 1;
  std::uint32_t starts = 0;  ///< that the device has counted
  std::uint16_t last_kid = 0;
  bool has_key = false;
  bool has_next_key = false;  ///< a change of keys is under way
};

struct RingReport {
  Content content = Content::blank;
  std::uint32_t pages_in_use = 0;  ///< from the oldest that waits to the newest that does
  std::uint32_t waiting = 0;
  std::uint32_t oldest = 0;    ///< only if one waits
  std::uint32_t newest = 0;    ///< only if one waits
  std::uint32_t greatest = 0;  ///< that was ever stored
};

enum class SecretsAt : std::uint8_t { page, key_store, nowhere };
[[nodiscard]] std::string_view name_of(SecretsAt place);

/// The settings of a device, with the memory that they borrow from.
class SettingsReport {
 public:
  explicit SettingsReport(const FlashCopy& flash)
      : good_{read_settings(flash, kProvisioningRegion.first, room_, settings_)} {}
  SettingsReport(const SettingsReport&) = delete;
  SettingsReport& operator=(const SettingsReport&) = delete;
  /// There may be a password in it.
  ~SettingsReport() { wipe(std::as_writable_bytes(std::span{room_})); }

  /// Null if there are none.
  [[nodiscard]] const Settings* get() const { return good_ ? &settings_ : nullptr; }

 private:
  std::array<Word, kMaxSettingsWords> room_{};
  Settings settings_;
  bool good_;
};

// what these open they may change: the copy stands for the next start of the device
[[nodiscard]] StoreReport survey_store(FlashCopy& flash, const Region& region);
[[nodiscard]] VaultReport survey_vault(FlashCopy& flash);
[[nodiscard]] RingReport survey_ring(FlashCopy& flash);

[[nodiscard]] SecretsAt find_secrets(const FlashCopy& flash, const VaultReport& vault);

/// Calls `each` for every reading that waits, oldest first.
[[nodiscard]] Content for_each_waiting(FlashCopy& flash,
                                       const std::function<void(const Waiting&, ByteView)>& each);

/// What a record of the vault is.
[[nodiscard]] std::string name_of_vault_record(std::uint16_t id);

}  // namespace countersign::mcu::tools
