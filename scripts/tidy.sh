#!/usr/bin/env bash
# clang-tidy on our C++ sources. What passed once is not looked at again until it, a header or .clang-tidy changes.
#
# usage: tidy.sh --changed|--all [BUILD_DIRECTORY]      (default: build/dev)
#
# --changed: what differs from the merge base with the upstream branch (or from the commit before, where that is HEAD),
# and what is not committed yet.
set -euo pipefail

cd "$(dirname "$0")/.."
mode=${1:?usage: tidy.sh --changed|--all [BUILD_DIRECTORY]}
build=${2:-build/dev}

base_commit() {
  local base head
  head=$(git rev-parse HEAD)
  base=$(git merge-base HEAD '@{upstream}' 2>/dev/null || git merge-base HEAD origin/main 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$head" ]; then
    base=$(git rev-parse -q --verify HEAD~1 || true)
  fi
  # a first commit differs from the empty tree
  echo "${base:-$(git hash-object -t tree /dev/null)}"
}

candidates() {
  case $mode in
    --all) git ls-files '*.cpp' ;;
    --changed)
      git diff --name-only --diff-filter=d "$(base_commit)" -- '*.cpp'
      git ls-files --others --exclude-standard '*.cpp'
      ;;
    *) echo "countersign: unknown mode $mode" >&2; exit 2 ;;
  esac | sort -u
}

# Only what this build compiles: the rest has no compile command.
compiled() {
  grep -o '"file": "[^"]*"' "$build/compile_commands.json" | cut -d'"' -f4 | sed "s|^$PWD/||" | sort -u
}

passed=$build/tidy
mkdir -p "$passed"
surroundings=$(git ls-files -co --exclude-standard '*.hpp' .clang-tidy '**/.clang-tidy' \
  | sort -u | xargs -r -d '\n' cat | sha256sum | cut -c1-16)

tidy_one() {
  local file=$1 stamp
  stamp=$passed/$(sha256sum <<<"$surroundings $file $(sha256sum <"$file")" | cut -c1-32)
  if [ -e "$stamp" ]; then return 0; fi
  echo "clang-tidy $file"
  clang-tidy-14 --quiet -p "$build" "$file" 2> >(grep -vE 'warnings? generated|^Suppressed|^Use -header' >&2) || return 1
  touch "$stamp"
}
export -f tidy_one
export passed surroundings build

mapfile -t files < <(comm -12 <(candidates) <(compiled))
echo "${#files[@]} files (${mode#--})"
if [ "${#files[@]}" -eq 0 ]; then exit 0; fi
printf '%s\0' "${files[@]}" | xargs -0 -n 1 -P "${JOBS:-$(nproc)}" bash -c 'tidy_one "$0"'
