#!/usr/bin/env bash
# Sums up which lines the tests of a coverage build reached.
#
# usage: coverage.sh BUILD_DIRECTORY
set -euo pipefail

cd "$(dirname "$0")/.."
build=${1:?usage: coverage.sh BUILD_DIRECTORY}
mkdir -p "$build/report"
gcovr --root . --filter protocol/ --filter broker-plugin/ --filter client/ --object-directory "$build" \
  --html-details "$build/report/index.html" --print-summary
echo "report: $build/report/index.html"
