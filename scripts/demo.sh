#!/usr/bin/env bash
# Plays the whole story on real parts, in about a minute: see scripts/demo/__main__.py.
#
# usage: [KEEP=1] demo.sh
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONPATH=$root/scripts:$root/tests/support PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -m demo "$@"
