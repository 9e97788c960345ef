#!/usr/bin/env bash
# Builds the Mosquitto of Debian's next release from its source package, for tests beside the machine's own broker.
#
# usage: newer_mosquitto.sh [COMMAND [ARGUMENT...]]
#   builds build/newer-mosquitto/bin/mosquitto unless it is there, then runs COMMAND with COUNTERSIGN_MOSQUITTO naming it
#   exit code 77: the machine's Debian registry has no such package (ctest: skipped)
#
# To look for a newer package, remove build/newer-mosquitto.
set -euo pipefail

readonly suite=trixie package=mosquitto build_seconds=480

cd "$(dirname "$0")/.."
. scripts/debian_sources.sh
readonly out=$PWD/build/newer-mosquitto
# a change of the recipe builds anew too
recipe=$(cat scripts/newer_mosquitto.sh scripts/debian_sources.sh | cksum)
readonly recipe

# Broker and plain clients, without the parts that need more libraries than we do.
# Old-style rpath: a plugin that the broker loads finds the library of the same version, as on that Debian.
compile() {
  cmake -S "$work/source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DWITH_APPS=OFF -DWITH_PLUGINS=OFF -DDOCUMENTATION=OFF -DWITH_LIB_CPP=OFF -DWITH_CJSON=OFF -DWITH_ADNS=ON \
    -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$work/made/bin" -DCMAKE_LIBRARY_OUTPUT_DIRECTORY="$work/made/lib" \
    -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON '-DCMAKE_INSTALL_RPATH=$ORIGIN/../lib' -DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags
  timeout "$build_seconds" cmake --build "$work/build" -j "${JOBS:-2}" --target mosquitto mosquitto_pub mosquitto_sub
}

# Moves what was made into place; the stamp comes with it, so half a build is none.
install_made() {
  echo "$version $recipe" >"$work/made/version"
  rm -rf "$out"
  mv "$work/made" "$out"
}

build() {
  local version
  work=$(mktemp -d "${TMPDIR:-/tmp}/countersign-newer-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  fetch_sources "$package"
  version=$(version_of "$package")
  unpack_source "$package" "$work/source" >"$work/build.log" 2>&1 \
    && compile >>"$work/build.log" 2>&1 \
    || { tail -n 30 "$work/build.log" >&2; fail "cannot build $package $version"; }
  install_made
  rm -rf "$work"
  trap - EXIT
}

is_built() { [ -x "$out/bin/mosquitto" ] && [[ "$(cat "$out/version" 2>/dev/null)" == *" $recipe" ]]; }

main() {
  mkdir -p build
  # several tests may ask at once
  exec 9>build/newer-mosquitto.lock
  flock 9
  if ! is_built; then build 9>&-; fi
  exec 9>&-
  if [ "$#" -eq 0 ]; then
    echo "mosquitto $(cut -d ' ' -f 1 "$out/version") $out/bin/mosquitto"
    return
  fi
  COUNTERSIGN_MOSQUITTO=$out/bin/mosquitto exec "$@"
}

main "$@"
