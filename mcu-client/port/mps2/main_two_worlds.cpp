#include "mote.hpp"
#include "psram_flash.hpp"
#include "secure_keys.hpp"

// The mote in the non-secure world: its keys are in the other one, which started before.

namespace countersign::mcu {

namespace {

/// Not inlined: what the start needs of the stack is given back.
[[gnu::noinline]] Mote<SecureVault>& start_mote() {
  start_clock();
  start_watchdog(kWatchdogMs);
  static PsramFlash flash;
  auto& settings = make_forever<Settings>();
  if (fetch_own_settings(settings).empty()) {
    stop("not provisioned"sv);
  }
  LogLine{"boot"sv}.text("board"sv, kBoard.name).text("identity"sv, settings.identity);
  static SecureRandom random;
  return make_mote(flash, settings, secure_keys(settings), random);
}

}  // namespace

void firmware() { run_mote(start_mote()); }

}  // namespace countersign::mcu
