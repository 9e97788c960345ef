#!/usr/bin/env bash
# Installs the Debian packages of scripts/packages.txt that are missing, and says which.
#
# Starts no service: a broker or pcscd that is already there stays as it is, a new one stays stopped.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
policy=/usr/sbin/policy-rc.d

say() { echo "countersign: $*"; }

missing_packages() {
  local wanted
  mapfile -t wanted < <(sed -e 's/#.*//' -e '/^ *$/d' "$here/packages.txt" | awk '{ print $1 }')
  dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null \
    | awk '$2 == "installed" { print $1 }' | sort -u \
    | comm -13 - <(printf '%s\n' "${wanted[@]}" | sort -u)
}

require_debian() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "this set-up knows Debian 12 only; install what scripts/packages.txt lists by hand" >&2
    exit 5
  fi
}

# How to become root: nothing if we are, sudo if it is there, else a message that says what to do.
find_root() {
  root=()
  if [ "$(id -u)" -eq 0 ]; then return; fi
  if command -v sudo >/dev/null; then root=(sudo); return; fi
  say "cannot install packages: neither root nor sudo" >&2
  say "hint: as root: apt-get install --no-install-recommends $*" >&2
  exit 5
}

# While packages are installed, their scripts may start no service (invoke-rc.d asks policy-rc.d).
forbid_services() {
  if [ -e "$policy" ]; then return; fi
  printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
  "${root[@]}" chmod 755 "$policy"
  trap '"${root[@]}" rm -f "$policy"' EXIT
}

# What came new with a package stays stopped at the next boot too.
keep_services_off() {
  if ! command -v systemctl >/dev/null; then return; fi
  local package
  for package in "$@"; do
    case $package in
      mosquitto) "${root[@]}" systemctl -q disable mosquitto.service || true ;;
      fail2ban) "${root[@]}" systemctl -q disable fail2ban.service || true ;;
      pcscd) "${root[@]}" systemctl -q disable pcscd.service pcscd.socket || true ;;
    esac
  done
}

# apt waits for a lock that another apt holds, at most five minutes.
apt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"; }

main() {
  require_debian
  local missing
  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -eq 0 ]; then return; fi

  find_root "${missing[@]}"
  say "installs ${#missing[@]} Debian packages: ${missing[*]}"
  forbid_services
  apt update
  apt install -y --no-install-recommends "${missing[@]}"
  keep_services_off "${missing[@]}"

  mapfile -t missing < <(missing_packages)
  if [ "${#missing[@]}" -ne 0 ]; then
    say "still missing after the installation: ${missing[*]}" >&2
    exit 5
  fi
}

main "$@"
