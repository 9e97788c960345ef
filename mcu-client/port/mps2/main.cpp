#include "mote.hpp"
#include "mote_keys.hpp"
#include "psram_flash.hpp"

// The mote in one world: its keys are in this image.

namespace countersign::mcu {

namespace {

/// Not inlined: what the start needs of the stack is given back.
[[gnu::noinline]] Mote<Vault>& start_mote() {
  start_clock();
  start_watchdog(kWatchdogMs);
  static PsramFlash flash;
  auto& settings = make_forever<Settings>();
  if (read_own_settings(flash, settings).empty()) {
    stop("not provisioned"sv);
  }
  LogLine{"boot"sv}.text("board"sv, kBoard.name).text("identity"sv, settings.identity);
  const MoteKeys opened = open_keys(flash, settings);
  if (opened.keys == nullptr) {
    stop("key store"sv);
  }
  return make_mote(flash, settings, *opened.keys, *opened.random);
}

}  // namespace

void firmware() { run_mote(start_mote()); }

}  // namespace countersign::mcu
