#include <array>

#include "app/node_settings.hpp"
#include "flash/layout.hpp"
#include "flash/provisioning.hpp"
#include "forever.hpp"
#include "psram_flash.hpp"
#include "secure/boundary.hpp"
#include "secure/gate_keeper.hpp"
#include "secure/startup_secure.hpp"
#include "vault/command_desk.hpp"
#include "vault/key_store.hpp"

// The secure side: keys, numbers and what is done with them. It opens its store, draws the boundary
// and then does nothing by itself any more.

namespace countersign::mcu {
namespace {

static_assert(kVaultRegion.first + kVaultRegion.pages == kOurFlashPages);

/// The provisioning page, of which settings borrow.
struct Told {
  std::array<Word, kMaxSettingsWords> page{};
  Settings settings;
};

/// Keys and secrets, once; then the page has no secret any more.
bool open_keys(KeyStore& store, Flash& flash, std::size_t commanders) {
  Secrets secrets;
  const bool there = read_secrets(flash, kProvisioningRegion.first, secrets);
  const FirstSecrets first{.key = secrets.key,
                           .seed = secrets.seed.bytes(),
                           .commanders = std::span{secrets.commanders}.first(commanders)};
  return store.open(there ? &first : nullptr) && destroy_secrets(flash, kProvisioningRegion.first);
}

}  // namespace

void secure_main() {
  static PsramFlash flash;
  static Told told;
  static Forever<KeyStore> store{flash, kVaultRegion.first};
  if (!read_settings(flash, kProvisioningRegion.first, told.page, told.settings) ||
      !open_keys(store.value, flash, told.settings.name_count)) {
    return;
  }
  static Forever<CommandDesk> commands{store.value.commanders(), told.settings.identity,
                                       told.settings.commanders(), told.settings.commands()};
  static Forever<Vault> vault{store.value.parts(commands.value.responder()),
                              profile_of(told.settings)};
  static GateDesk desk{{.vault = vault.value,
                        .crypto = store.value.crypto(),
                        .random = store.value.random(),
                        .settings = std::as_bytes(std::span{told.page})}};
  open_gate(desk);
  draw_boundary();
  enter_other_side();
}

}  // namespace countersign::mcu
