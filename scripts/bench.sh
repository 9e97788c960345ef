#!/usr/bin/env bash
# Measures against the budgets of docs/design.md; see bench/run.py.
exec /usr/bin/python3 "$(dirname "$0")/../bench/run.py" "$(dirname "$0")/../build/release"
