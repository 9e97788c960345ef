#pragma once

#include <string>

#include "countersign/client/outcome.hpp"
#include "flash/provisioning.hpp"

namespace countersign::mcu::tools {

/// Writes the flash of a new device: its provisioning page, erased pages for all that it will
/// write, and `data_set`, at the address that the settings name. What lies behind stays a hole in
/// the file. Mode 0600. Replaces what stands there only if `replace`.
/// \returns a usage error for settings that no device would take.
[[nodiscard]] client::Status write_image(const std::string& path, const Settings& settings,
                                         const Secrets& secrets, ByteView data_set, bool replace);

}  // namespace countersign::mcu::tools
