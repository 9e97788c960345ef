#pragma once

#include "flash/provisioning.hpp"
#include "secure/secure_vault.hpp"

// Where a mote's keys are: in the secure world. one_world/mote_keys.hpp says the same where there
// is but one; the build chooses.
namespace countersign::mcu {

using Keys = SecureVault;

/// Both live as long as the image does.
struct MoteKeys {
  Keys* keys = nullptr;
  Random* random = nullptr;
};

/// Fetches what this mote was told, once after start, but no secret. \returns the bytes that `out`
/// borrows, which stay; none on failure.
[[nodiscard]] ByteView read_own_settings(const Flash& flash, Settings& out);

/// The keys were opened before this side began. Borrows `settings`.
[[nodiscard]] MoteKeys open_keys(Flash& flash, const Settings& settings);

}  // namespace countersign::mcu
