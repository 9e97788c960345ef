#!/bin/sh
# Runs pcscd and the card bridge in the namespaces it was started in (unshare -m -n), until the bridge ends.
# usage: card_namespace.sh DIRECTORY BRIDGE_COMMAND...
#
# DIRECTORY/sock becomes /run/pcscd, so pcscd's socket is seen from outside; vpcd's ports, which listen on every
# interface, are not. DIRECTORY/conf holds pcscd's reader configuration.
set -eu
directory=$1
shift

mount -t tmpfs tmpfs "$directory/run"
mkdir "$directory/run/pcscd"
mount --bind "$directory/sock" "$directory/run/pcscd"
mount --rbind "$directory/run" /run
ip link set lo up

options=
if pcscd --help | grep -q disable-polkit; then
  options=--disable-polkit
fi
pcscd --foreground --error $options --config "$directory/conf" >"$directory/pcscd.log" 2>&1 &
daemon=$!
echo "$daemon" >"$directory/daemon.pid"

# the shell gives a background job no stdin, so it is kept aside for it
exec 3<&0
"$@" <&3 2>"$directory/bridge.log" &
bridge=$!
echo "$bridge" >"$directory/bridge.pid"
trap 'kill "$bridge" 2>/dev/null || true' TERM INT
code=0
wait "$bridge" || code=$?
kill "$daemon" 2>/dev/null || true
wait "$daemon" 2>/dev/null || true
exit "$code"
