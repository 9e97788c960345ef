#!/usr/bin/env bash
# Runs one stage of a make target and says how long it took.
#
# usage: stage.sh NAME COMMAND [ARGUMENT...]
set -u

name=$1
shift
start=$(date +%s)
echo "== ${name}"
"$@"
status=$?
# ctest closes with its own summary, and nothing may follow that
if [ "$1" != ctest ]; then
  echo "== ${name}: $(($(date +%s) - start)) s"
fi
exit "$status"
