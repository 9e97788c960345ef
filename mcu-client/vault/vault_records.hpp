#pragma once

#include <cstddef>
#include <cstdint>

namespace countersign::mcu {

/// What the vault keeps in its record store, beside PSA's keys (flash/psa_its.hpp). These numbers
/// are in flash: they never change.
enum class VaultRecord : std::uint16_t {
  epoch = 1,      ///< u32, lease
  message = 2,    ///< u32, lease
  boot = 3,       ///< u32, lease
  last_kid = 4,   ///< u16
  seed = 5,       ///< 64 bytes, secret
  keys = 6,       ///< u8 PSA id of the present key || u8 that of the next, 0: none
  commanders = 7  ///< u8, how many command keys there are
};

/// PSA's names of our keys. These numbers are in flash too.
inline constexpr std::uint32_t kFirstDeviceKey = 1;  ///< and the one behind it
inline constexpr std::uint32_t kFirstCommandKey = 3;
inline constexpr std::size_t kMaxCommanders = 4;

[[nodiscard]] constexpr std::uint16_t id_of(VaultRecord record) {
  return static_cast<std::uint16_t>(record);
}

}  // namespace countersign::mcu
