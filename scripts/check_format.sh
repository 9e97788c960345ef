#!/usr/bin/env bash
# Every C++ file that git tracks is laid out as .clang-format says.
set -euo pipefail

cd "$(dirname "$0")/.."
mapfile -t files < <(git ls-files '*.hpp' '*.cpp' '*.h' '*.c')
if [ "${#files[@]}" -eq 0 ]; then
  echo "countersign: no C++ files found" >&2
  exit 1
fi
if ! clang-format-14 --dry-run -Werror "${files[@]}"; then
  echo "countersign: hint: clang-format-14 -i on the files named above" >&2
  exit 1
fi
echo "${#files[@]} files"
