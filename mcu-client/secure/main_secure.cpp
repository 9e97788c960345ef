#include "port/mps2/forever.hpp"
#include "port/mps2/mote_keys.hpp"
#include "port/mps2/psram_flash.hpp"
#include "secure/boundary.hpp"
#include "secure/gate_keeper.hpp"
#include "secure/startup_secure.hpp"
#include "vault/psa_crypto.hpp"

// The secure side: keys, numbers and what is done with them. It opens its store, draws the boundary
// and then does nothing by itself any more.

namespace countersign::mcu {

void secure_main() {
  static PsramFlash flash;
  static Forever<Settings> settings;
  static PsaCrypto crypto;
  const ByteView told = read_own_settings(flash, settings.value);
  if (told.empty()) {
    return;
  }
  const MoteKeys opened = open_keys(flash, settings.value);
  if (opened.keys == nullptr) {
    return;
  }
  static GateDesk desk{
      {.vault = *opened.keys, .crypto = crypto, .random = *opened.random, .settings = told}};
  open_gate(desk);
  draw_boundary();
  enter_other_side();
}

}  // namespace countersign::mcu
