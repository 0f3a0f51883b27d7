#!/usr/bin/env bash
# Fails on a source file that clang-format 14 would lay out differently. 77: cannot be checked here.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
command -v clang-format-14 >/dev/null || { echo "skipped: clang-format-14 is not installed"; exit 77; }
mapfile -t files < <(git ls-files -- '*.h' '*.cpp' 2>/dev/null)
((${#files[@]})) || { echo "skipped: not a git working tree"; exit 77; }
mapfile -t files < <(for file in "${files[@]}"; do [[ -e $file ]] && echo "$file"; done)
clang-format-14 --dry-run -Werror "${files[@]}"
echo "${#files[@]} files are in form"
