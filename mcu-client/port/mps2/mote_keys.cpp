#include "mote_keys.hpp"

#include "app/node_settings.hpp"
#include "board_mark.hpp"
#include "flash/layout.hpp"
#include "forever.hpp"
#include "vault/command_desk.hpp"
#include "vault/key_store.hpp"

namespace countersign::mcu {
namespace {

/// Not inlined: the secrets leave the stack before the rest goes on.
[[gnu::noinline]] bool open_store(KeyStore& store, Flash& flash, std::size_t commanders) {
  Secrets secrets;
  const bool there = read_secrets(flash, kProvisioningRegion.first, secrets);
  const FirstSecrets first{.key = secrets.key,
                           .seed = secrets.seed.bytes(),
                           .commanders = std::span{secrets.commanders}.first(commanders)};
  // the store has them now; the page has none any more
  return store.open(there ? &first : nullptr, board_mark()) &&
         destroy_secrets(flash, kProvisioningRegion.first);
}

}  // namespace

ByteView read_own_settings(const Flash& flash, Settings& out) {
  static std::array<Word, kMaxSettingsWords> page;
  return read_settings(flash, kProvisioningRegion.first, page, out)
             ? ByteView{std::as_bytes(std::span{page})}
             : ByteView{};
}

MoteKeys open_keys(Flash& flash, const Settings& settings) {
  auto& store = make_forever<KeyStore>(flash, kVaultRegion.first);
  if (!open_store(store, flash, settings.name_count)) {
    return {};
  }
  auto& desk = make_forever<CommandDesk>(store.commanders(), settings.identity,
                                         settings.commanders(), settings.commands());
  auto& vault = make_forever<Vault>(store.parts(desk.responder()), profile_of(settings));
  return {.keys = &vault, .random = &store.random()};
}

}  // namespace countersign::mcu
