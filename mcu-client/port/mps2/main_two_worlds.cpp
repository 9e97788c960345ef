#include "mote.hpp"
#include "psram_flash.hpp"
#include "secure_keys.hpp"

// The mote in the non-secure world: its keys are in the other one, which started before.

namespace countersign::mcu {

void firmware() {
  start_clock();
  start_watchdog(kWatchdogMs);
  static PsramFlash flash;
  static Settings settings;
  if (fetch_own_settings(settings).empty()) {
    stop("not provisioned"sv);
  }
  LogLine{"boot"sv}.text("board"sv, kBoard.name).text("identity"sv, settings.identity);
  static SecureRandom random;
  run_mote(flash, settings, secure_keys(settings), random);
}

}  // namespace countersign::mcu
