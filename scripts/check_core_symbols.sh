#!/usr/bin/env bash
# The core cross-built for Cortex-M3 without a warning may leave only mem* symbols to its surroundings.
#
# usage: check_core_symbols.sh [BUILD_DIRECTORY]      (default: build/core-arm)
set -euo pipefail

cd "$(dirname "$0")/.."
build=${1:-build/core-arm}
# the first four are what a compiler may call by itself; the last is std::string_view::find
allowed='^(memcpy|memmove|memset|memcmp|memchr)$'

# a clone that was built with another toolchain file starts anew
cmake --fresh --preset core-arm -B "$build" >/dev/null
cmake --build "$build" -j "${JOBS:-2}"

# one relocatable object out of the whole library, so that only what it lacks stays undefined
whole=$build/countersign_core.o
arm-none-eabi-ld -r --whole-archive "$build/protocol/libcountersign_protocol.a" -o "$whole"
undefined=$(arm-none-eabi-nm -u "$whole" | awk '{ print $2 }' | sort -u)
others=$(grep -Ev "$allowed" <<<"$undefined" | grep -v '^$' || true)

arm-none-eabi-size "$whole"
if [ -n "$others" ]; then
  echo "countersign: the core needs more than mem*:" >&2
  arm-none-eabi-c++filt <<<"$others" >&2
  exit 1
fi
echo "undefined: $(tr '\n' ' ' <<<"$undefined")"
