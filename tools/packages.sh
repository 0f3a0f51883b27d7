# What building needs, how to see that it is there, and which Debian 12 package brings it.
# Sourced by ./run and ./test; a second table with the same meaning stands nowhere.
#
# Probes look for the thing itself, not for the package: what was built by hand counts, too.
#   command:NAME   on PATH              header:PATH   under an include folder
#   pkg:NAME       NAME.pc              cmake:GLOB    under a lib/cmake folder
#   file:GLOB      anywhere
# A row: group | what it is for | probe | package

packages_table() {
  cat <<'TABLE'
run   | C++ compiler                      | command:g++                     | g++
run   | build description                 | command:cmake                   | cmake
run   | build                             | command:ninja                   | ninja-build
run   | finding libraries                 | command:pkg-config              | pkgconf
run   | formatting text                   | header:fmt/format.h             | libfmt-dev
run   | results that may be errors        | header:tl/expected.hpp          | libexpected-dev
run   | sheets and settings in YAML       | cmake:yaml-cpp*                 | libyaml-cpp-dev
run   | HTTP and WebSocket                | cmake:Boost-1.81*               | libboost1.81-dev
run   | JSON                              | cmake:boost_json-1.81*          | libboost-json1.81-dev
run   | addresses                         | cmake:boost_url-1.81*           | libboost-url1.81-dev
run   | TLS and digests                   | header:openssl/ssl.h            | libssl-dev
run   | whom to trust over TLS            | file:/etc/ssl/certs/ca-cert*    | ca-certificates
run   | command line                      | header:CLI/CLI.hpp              | libcli11-dev
run   | Unicode patterns                  | pkg:libpcre2-8                  | libpcre2-dev
run   | storage and text search           | pkg:sqlite3                     | libsqlite3-dev
run   | storage shared by servers          | pkg:libpqxx                     | libpqxx-dev
run   | line editing in the terminal      | pkg:libedit                     | libedit-dev
run   | vector arithmetic                 | pkg:libhwy                      | libhwy-dev
run   | building the page                 | command:node                    | nodejs
run   | parts the page is built with      | command:npm                     | npm
train | gradients                         | cmake:Torch                     | libtorch-dev
train | training on several machines      | file:/usr/lib*/libgloo.so       | libgloo-dev
train | linear algebra for training       | file:/usr/lib/*/openblas-pthread/libopenblas.so.0 | libopenblas0-pthread
train | training vocabularies             | pkg:sentencepiece               | libsentencepiece-dev
test  | tests                             | pkg:gtest                       | libgtest-dev
test  | mocks and matchers                | pkg:gmock                       | libgmock-dev
test  | tests built with a sanitizer      | file:/usr/src/googletest        | googletest
test  | benchmarks                        | pkg:benchmark                   | libbenchmark-dev
test  | scripted servers for tests        | command:python3                 | python3
test  | a database server for tests       | file:/usr/lib/postgresql/*/bin/initdb | postgresql
test  | several services behind one       | command:nginx                   | nginx-light
test  | the form of the source            | command:clang-format-14         | clang-format-14
test  | which files are ours              | command:git                     | git
test  | the page in a browser             | command:chromium                | chromium
clang | the second compiler               | command:clang++-14              | clang-14
clang | its fuzzer and sanitizers         | file:/usr/lib/clang/14*/lib/linux/libclang_rt.fuzzer-*.a | libclang-rt-14-dev
TABLE
}

# True where a file that matches one of the patterns exists.
any_file() {
  local pattern file
  for pattern in "$@"; do
    for file in $pattern; do [[ -e $file ]] && return 0; done
  done
  return 1
}

# is_there PROBE
is_there() {
  local what=${1#*:}
  case $1 in
    command:*) command -v "$what" >/dev/null 2>&1 ;;
    header:*) any_file "/usr/include/$what" "/usr/include/*-linux-gnu*/$what" "/usr/local/include/$what" ;;
    pkg:*) any_file "/usr/lib/*/pkgconfig/$what.pc" "/usr/lib/pkgconfig/$what.pc" \
             "/usr/share/pkgconfig/$what.pc" "/usr/local/lib/pkgconfig/$what.pc" \
             "/usr/local/lib/*/pkgconfig/$what.pc" "${PKG_CONFIG_PATH:-/nowhere}/$what.pc" ;;
    cmake:*) any_file "/usr/lib/*/cmake/$what" "/usr/lib/cmake/$what" "/usr/share/cmake/$what" \
               "/usr/local/lib/cmake/$what" "/usr/local/lib/*/cmake/$what" ;;
    file:*) any_file "$what" ;;
    *) echo "tools/packages.sh: unknown probe '$1'" >&2; return 1 ;;
  esac
}

# Sets `missing` (packages) and `missing_rows` (for people) for the groups named.
find_missing() {
  local group purpose probe package
  missing=() missing_rows=()
  while IFS='|' read -r group purpose probe package; do
    group=${group// /} probe=${probe// /} package=${package// /}
    [[ " $* " == *" $group "* ]] || continue
    is_there "$probe" && continue
    missing+=("$package")
    missing_rows+=("$(printf '  %-24s %s' "$package" "${purpose# }")")
  done < <(packages_table)
}

# install_missing LOG GROUP...: installs what the groups lack; says what and why before it does.
install_missing() {
  local log=$1 as_root=()
  shift
  find_missing "$@"
  ((${#missing[@]})) || return 0
  {
    echo "Dramatis needs ${#missing[@]} Debian packages that are not here:"
    printf '%s\n' "${missing_rows[@]}"
  } >&2
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "There is no apt-get on this machine. Install the above by its own means, then run this again." >&2
    return 1
  fi
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "Installing needs root, and there is no sudo. As root, run:" >&2
      echo "  apt-get update && apt-get install --no-install-recommends -y ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing them now with apt-get (log: $log) ..." >&2
  # An index that could not be refreshed may still be good enough: the install decides.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update </dev/null >>"$log" 2>&1 || true
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y \
      --no-install-recommends "${missing[@]}" </dev/null >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt-get could not install them; the log is $log." >&2
    return 1
  fi
  find_missing "$@"
  ((${#missing[@]})) || return 0
  echo "After installing, these are still not found: ${missing[*]}" >&2
  return 1
}
