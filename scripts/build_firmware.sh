#!/usr/bin/env bash
# Builds the firmware of every preset, in build/firmware-*.
#
# usage: build_firmware.sh
#   exit code 77: the machine's Debian registry has no source of lwIP and mbedTLS (ctest: skipped)
set -euo pipefail

readonly presets=(firmware-an386 firmware-an386-dhcp firmware-an505 firmware-an505-trustzone)

cd "$(dirname "$0")/.."
scripts/mcu_sources.sh
# several may ask at once
exec 9>build/firmware.lock
flock 9
for preset in "${presets[@]}"; do
  cmake --preset "$preset" >build/firmware.log 2>&1 9>&- && cmake --build --preset "$preset" -j "${JOBS:-2}" >>build/firmware.log 2>&1 9>&- \
    || { tail -n 30 build/firmware.log >&2; echo "countersign: cannot build $preset" >&2; exit 1; }
done
arm-none-eabi-size build/firmware-*/*.elf
