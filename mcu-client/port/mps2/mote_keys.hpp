#pragma once

#include "flash/provisioning.hpp"
#include "vault/vault.hpp"

// Where a mote's keys are: in this image. two_worlds/mote_keys.hpp says the same where they are
// not; the build chooses.
namespace countersign::mcu {

/// Both live as long as the image does.
struct MoteKeys {
  Vault* keys = nullptr;
  Random* random = nullptr;
};

/// Reads what this mote was told, once after start. \returns the bytes that `out` borrows, which
/// stay; none if it was not provisioned.
[[nodiscard]] ByteView read_own_settings(const Flash& flash, Settings& out);

/// Opens the key store, once after start, and destroys what provisioning left of its secrets.
/// Borrows both. \returns null pointers on failure.
[[nodiscard]] MoteKeys open_keys(Flash& flash, const Settings& settings);

}  // namespace countersign::mcu
