#!/usr/bin/env bash
# Runs every fuzz target for some seconds, starting from its seed corpus. A crash is kept and fails the run.
#
# usage: fuzz.sh BUILD_DIRECTORY [SECONDS]
set -euo pipefail

cd "$(dirname "$0")/.."
build=${1:?usage: fuzz.sh BUILD_DIRECTORY [SECONDS]}
seconds=${2:-60}

mapfile -t targets < <(find "$build/tests/fuzz" -maxdepth 1 -name '*_fuzz' -type f -perm -u+x | sort)
if [ "${#targets[@]}" -eq 0 ]; then
  echo "countersign: no fuzz targets in $build/tests/fuzz" >&2
  exit 1
fi

failed=0
for target in "${targets[@]}"; do
  name=$(basename "$target")
  seeds=$build/tests/fuzz/corpus/${name%_fuzz}
  found=$build/fuzz/$name
  mkdir -p "$found/corpus" "$found/crashes"
  echo "== $name, $seconds s"
  status=0
  "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$found/crashes/" \
    "$found/corpus" $([ -d "$seeds" ] && echo "$seeds") >"$found/log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$found/log" >&2
    echo "countersign: $name failed, the input is in $found/crashes, the whole log in $found/log" >&2
    echo "countersign: hint: $target FILE runs it again; once mended, keep the input as a vector" >&2
    failed=1
    continue
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/log")
  echo "   $runs inputs, $(find "$found/corpus" -type f | wc -l) kept, no crash"
done
exit "$failed"
