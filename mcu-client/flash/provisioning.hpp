#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "countersign/crypto.hpp"
#include "countersign/mfar_query.hpp"
#include "flash/words.hpp"

namespace countersign::mcu {

inline constexpr std::size_t kMaxSettingsBytes = 768;
inline constexpr std::size_t kMaxSettingsWords = kMaxSettingsBytes / kWordBytes;
inline constexpr std::size_t kMaxWords = 8;
inline constexpr std::size_t kMaxNames = 4;
inline constexpr std::size_t kMaxWakeBytes = 16;
inline constexpr std::size_t kMaxRegistrationFields = 6;
inline constexpr std::size_t kProvisionedSeedBytes = 64;

/// What a device was told when it was made. Borrows from the buffer it was read to.
struct Settings {
  std::string_view identity;
  std::string_view server_id;
  Bytes<4> broker{};
  std::uint16_t broker_port = 0;
  std::uint8_t suite = 2;    ///< 1 or 2
  bool mfar = false;         ///< else A+
  bool has_address = false;  ///< else DHCP
  Bytes<4> address{};        ///< these three only with an address
  Bytes<4> mask{};
  Bytes<4> gateway{};
  std::string_view topic;  ///< of its readings
  std::uint32_t interval_ms = 1'000;
  std::uint32_t readings = 0;  ///< how many to take; 0: no end
  bool live = false;           ///< readings go out with QoS 0 while there is a link
  bool sealed = false;
  std::uint32_t data_at = 0;  ///< the data set: address and number of its records
  std::uint32_t data_count = 0;
  std::uint16_t command_port = 0;  ///< TCP; 0: none
  ByteView wake;                   ///< what may come before a command on it
  std::string_view will_topic;     ///< empty: none
  ByteView will_payload;
  ByteView password;  ///< MFA_R, step 1
  std::size_t word_count = 0;
  std::size_t name_count = 0;
  std::size_t field_count = 0;
  std::array<std::string_view, kMaxWords> words{};                 ///< commands that it obeys
  std::array<std::string_view, kMaxNames> names{};                 ///< of its commanders
  std::array<RegistrationField, kMaxRegistrationFields> fields{};  ///< MFA_R, step 2

  [[nodiscard]] std::span<const std::string_view> commands() const {
    return std::span{words}.first(word_count);
  }
  [[nodiscard]] std::span<const std::string_view> commanders() const {
    return std::span{names}.first(name_count);
  }
  [[nodiscard]] RegistrationFields registration() const {
    return RegistrationFields{fields}.first(field_count);
  }
};

/// What a device gets once and keeps in its key store from then on.
struct Secrets {
  Key32 key;  ///< k, or K_reg
  SecretKey<kProvisionedSeedBytes> seed;
  std::array<Key32, kMaxNames> commanders;  ///< in the order of `Settings::names`
};

/// The provisioning page:
///   offset  size  field
///   0       4     "CSP1"
///   4       4     size of the settings, 1–768
///   8       4     CRC-32 of the settings
///   12      n     settings: each u8 tag || u8 size || value, in rising order of tags
///   2048    224   secrets: key[32] || seed[64] || 4 × K[32], zeros for those that are not there
///   2272    4     CRC-32 of the secrets
/// Numbers of the page are big-endian. Once the secrets are in the key store their bytes are
/// programmed to zero.
inline constexpr std::uint32_t kSecretsOffset = 2'048;
inline constexpr std::size_t kSecretsBytes = 32 + kProvisionedSeedBytes + 32 * kMaxNames;
static_assert(kSecretsBytes == 224);

/// Reads the settings to `room`, from which `out` borrows. \returns false if there are none, or if
/// they are not what the tool writes.
[[nodiscard]] bool read_settings(const Flash& flash, std::uint32_t page,
                                 std::span<Word, kMaxSettingsWords> room, Settings& out);
/// Parses the settings alone, as they stand behind the CRC.
[[nodiscard]] bool parse_settings(ByteView bytes, Settings& out);

/// \returns false if the secrets are not there (any more).
[[nodiscard, gnu::noinline]] bool read_secrets(const Flash& flash, std::uint32_t page,
                                               Secrets& out);
/// Makes them unreadable for good, once the key store has them. Idempotent.
[[nodiscard]] bool destroy_secrets(Flash& flash, std::uint32_t page);

/// Writes the settings as they stand behind the CRC; what is at its default is left out.
void write_settings(const Settings& settings, Writer& out);
/// Copies settings, as they stand behind the CRC, without what proves who the device is: for a side
/// that keeps no secrets. A password is there as "*", fields are not. The rest of their room may
/// follow.
void write_open_settings(ByteView settings, Writer& out);
/// Writes a whole page, for the host's tool: `page` is `kPageBytes` long and is overwritten.
/// \returns false if the settings are too long, or the device would not take them.
[[nodiscard]] bool write_page(const Settings& settings, const Secrets& secrets,
                              std::span<std::byte, kPageBytes> page);

}  // namespace countersign::mcu
