#pragma once

#include "flash/provisioning.hpp"
#include "secure/secure_vault.hpp"

// Where a mote's keys are: in the secure world. one_world/mote_keys.hpp says the same where there
// is but one; the build chooses.
namespace countersign::mcu {

/// Fetches what this mote was told, once after start, but no secret. \returns the bytes that `out`
/// borrows, which stay; none on failure.
[[nodiscard]] ByteView fetch_own_settings(Settings& out);

/// The vault, which was opened before this side began; it stays. Borrows `settings`.
[[nodiscard]] SecureVault& secure_keys(const Settings& settings);

}  // namespace countersign::mcu
