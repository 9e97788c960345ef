#!/usr/bin/env bash
# Fetches lwIP and mbedTLS for the firmware, as Debian source packages, into build/third_party/{lwip,mbedtls}.
#
# usage: mcu_sources.sh
#   exit code 77: the machine's Debian registry has no such packages (ctest: skipped)
#
# build/third_party/manifest.txt lists what was taken: package, version, SHA-256, file. scripts/mcu_sources.sha256 holds
# the files that the firmware was tested with: a later point release works, with a warning that prints its new lines;
# another major.minor does not. To look for later packages, remove build/third_party.
set -euo pipefail

readonly suite=trixie
declare -rA wanted=([lwip]=2.2 [mbedtls]=3.6)

cd "$(dirname "$0")/.."
. scripts/debian_sources.sh
readonly out=$PWD/build/third_party known=$PWD/scripts/mcu_sources.sha256
# a change of the recipe fetches anew too
recipe=$(cat scripts/mcu_sources.sh scripts/debian_sources.sh | cksum)
readonly recipe

# The lines "sha256 file" of a .dsc's section Checksums-Sha256.
checksums_of() { awk '/^[^ ]/ { inside = ($1 == "Checksums-Sha256:") } /^ / && inside { print $1 "  " $3 }' "$1"; }

# Point releases may come; an interface that moved may not.
check_version() {
  local package=$1 upstream=$2
  [[ "$upstream" == "${wanted[$package]}".* ]] \
    || fail "$suite has $package $upstream; the firmware is written for ${wanted[$package]}"
}

# Says which files are not those that the firmware was tested with. Debian's signature covers them all the same.
warn_unknown() {
  local line
  while read -r line; do
    grep -qxF "$line" "$known" || say "not in scripts/mcu_sources.sha256 (a point release?): $line"
  done
}

# Verifies one downloaded package against its .dsc, writes its part of the manifest and unpacks it.
take() {
  local package=$1 version sums
  version=$(version_of "$package")
  check_version "$package" "${version#*:}"
  sums=$(checksums_of "$work/download/$package"_*.dsc)
  [ -n "$sums" ] || fail "the description of $package $version lists no checksums"
  (cd "$work/download" && sha256sum --check --quiet --strict <<<"$sums") || fail "$package $version is not what its description says"
  warn_unknown <<<"$sums"
  sed "s/^/$package $version /" <<<"$sums" >>"$work/made/manifest.txt"
  unpack_source "$package" "$work/made/$package" >"$work/unpack.log" 2>&1 \
    || { tail -n 10 "$work/unpack.log" >&2; fail "cannot unpack $package $version"; }
}

# Moves what was made into place at once; the stamp comes with it, so half a fetch is none.
fetch() {
  local package
  work=$(mktemp -d "${TMPDIR:-/tmp}/countersign-mcu-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  fetch_sources "${!wanted[@]}"
  mkdir "$work/made"
  for package in $(printf '%s\n' "${!wanted[@]}" | sort); do take "$package"; done
  echo "$recipe" >"$work/made/recipe"
  rm -rf "$out"
  mv "$work/made" "$out"
  rm -rf "$work"
  trap - EXIT
}

is_there() { [ -r "$out/manifest.txt" ] && [ "$(cat "$out/recipe" 2>/dev/null)" = "$recipe" ]; }

main() {
  mkdir -p build
  exec 9>build/third_party.lock
  flock 9
  if ! is_there; then fetch 9>&-; fi
  exec 9>&-
  awk '!seen[$1]++ { print $1, $2 }' "$out/manifest.txt"
}

main "$@"
