# Sourced: fetches Debian source packages of another release, without touching the machine's apt.
#
# The registry is the one that apt is configured for. It is asked through a private apt state: the machine's own lists,
# sources and cache stay as they are, and no root is needed.
#
# The caller has `set -euo pipefail` and sets `work`, an empty directory of its own, and `suite`.

readonly absent=77
readonly update_seconds=180 fetch_seconds=120
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg

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

# Downloads source packages from one registry; apt checks their signature and sums.
# Returns `absent` if the registry answers that it has none; any other failure is one.
fetch_from() {
  local uri=$1
  shift
  prepare_apt "$uri"
  if ! private_apt "$update_seconds" update; then
    # apt calls a forbidden or broken answer so too
    if apt_says '^E: .* does not have a Release file' && apt_says '^ +(404 |File not found)'; then return "$absent"; fi
    return 1
  fi
  cd "$work/download" || return 1
  private_apt "$fetch_seconds" source --download-only "$@" || {
    apt_says 'Unable to find a source package' && return "$absent"
    return 1
  }
}

# Leaves the named packages in `work`/download, from the first registry that has them. Exits with `absent` if none has.
fetch_sources() {
  local uri status worst=$absent
  [ -r "$keyring" ] || fail "cannot verify Debian's packages: $keyring is missing"
  for uri in $(debian_uris); do
    status=0
    (fetch_from "$uri" "$@") || status=$?
    if [ "$status" -eq 0 ]; then return; fi
    if [ "$status" -ne "$absent" ]; then worst=1; tail -n 5 "$work/apt.log" >&2; fi
  done
  [ -n "${uri:-}" ] || fail "apt knows no Debian registry to take $* of $suite from"
  if [ "$worst" -ne "$absent" ]; then fail "cannot fetch the source of $* of $suite"; fi
  say "no registry that apt knows has the source of $* of $suite"
  exit "$absent"
}

# The version of a source package in `work`/download.
version_of() { sed -n 's/^Version: //p' "$work/download/$1"_*.dsc | head -n 1; }

# Unpacks one to a directory. apt has checked the signature; this also applies Debian's patches.
unpack_source() { dpkg-source --no-check --no-copy -x "$work/download/$1"_*.dsc "$2"; }
