#!/usr/bin/env bash
# Every limits.h -> docs/limits.md, so that one page lists what Dramatis bounds, and why.
#   tools/limits.sh            writes the page
#   tools/limits.sh --check    fails where page and headers disagree
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

# One header -> a section. A comment is the reason of the constants that follow it up to a blank line.
section() {
  awk -v file="$1" '
    function row() {
      gsub(/[ \t]+/, " ", line)
      if (match(line, /[A-Za-z0-9_]+ ?(=|\{)/) == 0) return
      name = substr(line, RSTART, RLENGTH); sub(/ ?(=|\{)$/, "", name)
      value = substr(line, RSTART + RLENGTH); sub(/^ /, "", value)
      sub(/;$/, "", value)
      if (line !~ /=/) {  # seconds kMaxWait{60}: the type is the unit
        kind = substr(line, 1, RSTART - 2); sub(/.* /, "", kind); sub(/^std::(chrono::)?/, "", kind)
        value = kind "{" value
      }
      gsub(/\|/, "\\|", reason)
      if (reason == "") { printf "%s: %s has no reason\n", file, name > "/dev/stderr"; exit 3 }
      printf "| `%s` | `%s` | %s |\n", name, value, reason
    }
    NR == 1 { sub(/^\/\/ ?/, ""); printf "\n## %s\n\n%s\n\n| limit | value | reason |\n|---|---|---|\n", file, $0; next }
    /^[ \t]*\/\// { if (used) { reason = ""; used = 0 }
                    text = $0; sub(/^[ \t]*\/\/ ?/, "", text)
                    reason = reason (reason == "" ? "" : " ") text; next }
    /^[ \t]*$/ { reason = ""; used = 0; next }
    /^[ \t]*(inline )?constexpr / { line = ""; open = 1 }
    open { text = $0; trailing = ""
           if (match(text, /;[ \t]*\/\/.*/)) { trailing = substr(text, RSTART + 1, RLENGTH)
                                               text = substr(text, 1, RSTART)
                                               sub(/^[ \t]*\/\/ ?/, "", trailing) }
           line = line " " text
           if (text ~ /;[ \t]*$/) { open = 0; kept = reason
                                    if (trailing != "") reason = trailing
                                    row(); reason = kept; used = 1 } }
  ' "$1"
}

page() {
  echo "# Limits"
  echo
  echo "Every bound that Dramatis puts on what comes from outside, with its reason. Written by"
  echo "\`tools/limits.sh\` from the headers; a test fails where the two disagree."
  local header
  for header in src/*/*limits.h apps/*/limits.h; do
    [[ -e $header ]] && section "$header"
  done
  return 0
}

if [[ ${1:-} == --check ]]; then
  diff -u docs/limits.md <(page) && exit 0
  echo "docs/limits.md and the headers disagree. Run tools/limits.sh and commit the page." >&2
  exit 1
fi
page >docs/limits.md.new
mv docs/limits.md.new docs/limits.md
