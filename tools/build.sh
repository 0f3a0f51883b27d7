# Building quietly: a line of progress on standard error, everything in a log, its tail on failure.
# Sourced by ./run and ./test.

# As many compilers as there are cores and memory for: the heaviest file takes about 1.5 GB.
build_jobs() {
  local cores kib jobs
  cores=$(nproc)
  kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null || true)
  jobs=$((${kib:-4000000} / 1500000))
  ((jobs < 1)) && jobs=1
  ((jobs > cores)) && jobs=$cores
  echo "$jobs"
}

# quietly LOG WHAT COMMAND...: runs the command into the log; ninja's counters become one line.
quietly() {
  local log=$1 what=$2 line failed=0
  shift 2
  [[ -t 2 ]] || echo "$what ..." >&2
  if [[ -t 2 ]]; then
    "$@" </dev/null 2>&1 | while IFS= read -r line; do
      printf '%s\n' "$line" >>"$log"
      [[ $line == \[*/*\]* ]] && printf '\r\033[K%s %s' "$what" "${line%%]*}]" >&2
    done || failed=1
    printf '\r\033[K' >&2
  else
    "$@" </dev/null >>"$log" 2>&1 || failed=1
  fi
  ((failed)) || return 0
  tail -n 30 "$log" >&2
  echo "$what failed; the whole log is $log." >&2
  return 1
}
