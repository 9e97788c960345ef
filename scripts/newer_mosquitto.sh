#!/usr/bin/env bash
# Builds the Mosquitto of Debian's next release from its source package, for tests beside the machine's own broker.
#
# usage: newer_mosquitto.sh [COMMAND [ARGUMENT...]]
#   builds build/newer-mosquitto/bin/mosquitto unless it is there, then runs COMMAND with COUNTERSIGN_MOSQUITTO naming it
#   exit code 77: the machine's Debian registry has no such package (ctest: skipped)
#
# The registry is the one that apt is configured for. It is asked through a private apt state: the machine's own lists,
# sources and cache stay as they are, and no root is needed. To look for a newer package, remove build/newer-mosquitto.
set -euo pipefail

readonly suite=trixie package=mosquitto absent=77
readonly update_seconds=180 fetch_seconds=120 build_seconds=480
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

cd "$(dirname "$0")/.."
readonly out=$PWD/build/newer-mosquitto
# a change of this script builds anew too
recipe=$(cksum <scripts/newer_mosquitto.sh)
readonly recipe

say() { echo "countersign: $*" >&2; }
fail() { say "$@"; exit 1; }

# The addresses that apt fetches this machine's Debian from, whatever its sources' format.
debian_uris() {
  apt-get --no-release-info indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 'Component: main' \
    | awk -v codename="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" \
      '($1 == codename || $1 == "stable" || $1 == "oldstable") && !seen[$2]++ { print $2 }'
}

# apt on a state of its own in `work`: one source, no hooks, pins or default release of the machine's.
prepare_apt() {
  mkdir -p "$work"/{lists/partial,cache/archives/partial,download}
  # apt as root fetches as _apt, which must be able to come here
  chmod 755 "$work"
  if [ "$(id -u)" -eq 0 ] && id -u _apt >/dev/null 2>&1; then chown _apt "$work/download"; fi
  echo "deb-src [signed-by=$keyring] $1 $suite main" >"$work/sources.list"
  cat >"$work/apt.conf" <<END
#clear APT::Update;
#clear APT::Default-Release;
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "2";
Dir::State "$work";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
END
}

private_apt() { LC_ALL=C timeout "$1" apt-get -q -c "$work/apt.conf" "${@:2}" >"$work/apt.log" 2>&1; }

apt_says() { grep -Eq "$1" "$work/apt.log"; }

# Downloads the source package from one registry; apt checks its signature and sums.
# Returns `absent` if the registry answers that it has none; any other failure is one.
fetch_from() {
  prepare_apt "$1"
  if ! private_apt "$update_seconds" update; then
    # apt calls a forbidden or broken answer so too
    if apt_says '^E: .* does not have a Release file' && apt_says '^ +(404 |File not found)'; then return "$absent"; fi
    return 1
  fi
  cd "$work/download" || return 1
  private_apt "$fetch_seconds" source --download-only "$package" || {
    apt_says 'Unable to find a source package' && return "$absent"
    return 1
  }
}

# Leaves the package in `work`/download, from the first registry that has it.
fetch() {
  local uri status worst=$absent
  [ -r "$keyring" ] || fail "cannot verify Debian's packages: $keyring is missing"
  for uri in $(debian_uris); do
    status=0
    (fetch_from "$uri") || status=$?
    if [ "$status" -eq 0 ]; then return; fi
    if [ "$status" -ne "$absent" ]; then worst=1; tail -n 5 "$work/apt.log" >&2; fi
  done
  [ -n "${uri:-}" ] || fail "apt knows no Debian registry to take $package of $suite from"
  if [ "$worst" -ne "$absent" ]; then fail "cannot fetch the source package $package of $suite"; fi
  say "no registry that apt knows has the source package $package of $suite"
  exit "$absent"
}

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
  fetch
  version=$(sed -n 's/^Version: //p' "$work"/download/*.dsc | head -n 1)
  # apt has checked the signature; this also applies Debian's patches
  dpkg-source --no-check -x "$work"/download/*.dsc "$work/source" >"$work/build.log" 2>&1 \
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
