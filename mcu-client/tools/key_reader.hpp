#pragma once

#include <optional>
#include <string>

#include "countersign/client/key_file.hpp"

namespace countersign::mcu::tools {

/// A device's long-term key.
struct DeviceKeyFile {
  client::LockedKey key;                ///< k, or K_reg
  std::optional<client::KeyFile> file;  ///< what stood around it; none: it stood alone in hex
};

/// Reads a key file of the client's, or 64 hex digits, mode 0600. Refuses a key that has been used:
/// a device begins with epoch 1.
[[nodiscard]] client::Outcome<DeviceKeyFile> read_device_key(const std::string& path);

/// Reads a key that stands alone: 64 hex digits, mode 0600.
[[nodiscard]] client::Outcome<client::LockedKey> read_hex_key(const std::string& path);

}  // namespace countersign::mcu::tools
