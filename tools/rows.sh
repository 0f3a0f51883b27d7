#!/usr/bin/env bash
# The rows of the threat model below, and the tests that name them -> docs/threat-model.md.
#   tools/rows.sh            writes the page
#   tools/rows.sh --check    fails where a row has no test, a test names no row, or the page is old
# A test names its rows where its comment begins: "// G6, G7: why".
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

# "## heading", "row words"; "row? words" where no test has to be, and then the page has no such row.
rows() {
  cat <<'ROWS'
## G: a model file (GGUF)
G1 A file that ends too early, at any byte.
G2 Another format under the name: older models, archives, programs, pictures, zeros.
G3 Versions that do not exist, and the other byte order.
G4 More tensors than the file has bytes for, up to 2^64.
G5 More metadata than the file has bytes for.
G6 Keys without letters or of 2^64, with control characters, no text, or twice.
G7 Texts longer than what is left of the file.
G8 Arrays whose length or whose size in bytes cannot be.
G9 Arrays within arrays, unknown types of values, truths that are 7.
G10 Alignments that are no power of two, too large, or no number.
G11 Tensors without dimensions or with too many.
G12 Lengths of 0 or so large that products wrap, and rows that are no whole blocks.
G13 Offsets outside of the file, unaligned, or wrapping past its end.
G14 Tensors over one another; holes and trailing bytes, which are warned of.
G15 Names of tensors that are twice there, too long, or made for a terminal.
G16 Types of tensors that were removed or never were.
G17 Architectures that are missing, unknown, or nearly right.
G18 Numbers of layers past all bounds, or as text.
G19 Heads that do not divide: no head, too many, lists of them.
G20 A context, a width or a number of experts that no memory holds.
G21 Epsilons, bases and scales that are 0, negative or not finite.
G22 Vocabularies whose tables differ in length or type, or from the model.
G23 Tokens for bytes that do not exist, empty, huge, no text, or twice.
G24 Merges of nothing; ends of turns past the vocabulary, or none at all.
G25 Tensors that are missing, turned, flat, strange, or of another type than their neighbours.
G26 Weights and scales that are not finite: the reply ends with an error, its seat is free.
G27 Pipes, devices, folders, circles of links, terabytes of nothing; a file that shrinks or is replaced.
G28 Models in parts, which are refused by name.
G29 Chat templates that loop, reach for the host or are no templates: none is ever run.
G30 Each bit of the first page flipped, and each count, length and offset at the edges of numbers.

## S: safetensors, and folders of them
S1 Files shorter than a header, and headers longer than the file.
S2 Headers that do not begin or end as one JSON object.
S3 Headers in another encoding, or nested without end.
S4 One key twice, however it is spelled.
S5 Offsets that are no numbers, out of the data, over one another, or with holes between.
S6 Shapes that wrap, have too many dimensions, or are no whole numbers.
S7 Types that are unknown, and data of another size than shape and type say.
S8 Metadata that is no text; names without letters, too long, or made for a terminal; headers full of tensors.
S9 An index that points out of its folder, at missing files, in circles, or at the wrong file.
S10 Files cut short by a byte or while they are read; each bit and each number of a header changed.
S11 Pickles, archives and other formats under the name; code that a folder names: nothing is run.

## L: adapters
L1 Ranks of 0 or past the matrix; one half without the other.
L2 Scales that are not finite or drown the model, in a file or a request.
L3 Adapters of another model, and tensors without a place.
L4 Numbers that are not finite, and nothing but zeros.
L5 Adapters loaded, scaled and unloaded a thousand times while eight streams are written.
L6 More adapters than an engine may hold.
L7 Adapters over the network: names that are paths, bytes that are none, of another model, or too many.

## E: a request to the engine
E1 Lengths that are negative, zero or without end.
E2 Temperatures, shares and penalties out of their ranges, or not numbers.
E3 Windows that look back past all bounds.
E4 Stop strings without letters, too long, too many.
E5 Grammars nested, recursive, endless or exploding: refused, and never a reply without its grammar.
E6 Schemas with patterns, references and lists that cost too much; nothing is fetched.
E7 Prompts of no token, one too many, 100 MB, control tokens alone, and letters that are none.
E8 The spelling of every control token, which stays letters.
E9 A model that draws halves of letters: whole ones alone are sent.
E10 Replies that repeat for ever or never end their turn.
E11 Callers who leave at any moment: seat and pages are free again.

## J: HTTP and JSON
J1 Request lines and headers without end, or with bytes that headers may not have.
J2 Two lengths, or a length and chunks: one reader, one answer.
J3 Chunks whose sizes lie.
J4 Bodies over the bound, announced or not.
J5 Requests in a row on one connection.
J6 Other protocols on the port.
J7 Paths out of the root, however they are written.
J8 JSON that is deep, twice keyed, not finite, or no JSON.
J9 Methods that a route does not have.
J10 Every route for every kind of caller: none is open by mistake.

## W: sockets and streams
W1 Upgrades that are none, or from elsewhere.
W2 Frames that break the protocol.
W3 Messages and fragments without end.
W4 Floods of pings.
W5 Text that is none, and codes of closing that are none.
W6 Who never answers a close.
W7 Two turns at once, and one key twice.
W8 Readers of a stream who stop, come back, or ask for another's.
W9 Words of a model that look like the end of a stream.
W10 Messages in pieces, with pings between them.

## R: slow and many callers
R1 Headers one byte at a time.
R2 Bodies one byte at a time.
R3 Readers who stop reading.
R4 Callers who vanish.
R5 No file descriptors left.
R7 No memory left, at any step of a request.
R8 More work than there is room for: refused at once.
R9 One who floods, and one who asks once.
R10 Callers who leave right after they asked.

## X: other pages of the same browser
X1 Names of hosts that are not ours.
X2 Requests that another site's page sends.
X3 Sockets that another site's page opens.
X6 Frames, and answers that pretend to be pages.
X8 Line ends in names that become headers.
X9 Streams of a key that was revoked.

## U: one player and another
U1 Marks planted in one player's words and looked for in all that others see.
U2 Ids of others in every route.
U5 Keys that are nearly right.
U6 Roles and keys that are taken away while in use.
U8 Many requests at the edge of a quota.

## D: the database
D1? A process that is killed while many write.
D2? One that is killed before each of its writes.
D3? Power that goes, with half of a page written.
D4? A full disk.
D5? Reads, writes and syncs that fail, once or until mended.
D6? Files that are cut, changed, or another database's.
D7? Files made to do more than hold rows.
D8? Two processes at one file, and files that cannot be written.
D9? A reader that never ends.
D10? Moves to a newer form that break off, and forms newer than the program.
D11? A server that dies around a commit.
D12? Restarts, cut connections, and transactions that the server undoes.
D13? Statements that are cut off, and what they would still answer.
D14? Texts and numbers at the edge of what two databases keep alike.
D15? Clocks that jump.
D16? Names and searches made of operators.
D17? What was deleted and is looked for in the file.
D18? Backups while many write, and backups that were changed.

## B: services that speak for a character
B1 Nobody listens, or under a wrong certificate.
B2 No header, or byte by byte.
B3 Silence, with or without comments.
B4 Streams that end without saying so.
B5 Streams that never close after their end.
B6 Lines, events and streams without end.
B7 "Too many requests", with every kind of pause.
B8 Failures that may pass, and those that do not.
B9 Half of all requests fail: no storm of repetitions.
B10 Replies that were lost: asked for once more, never after a word was shown.
B11 Pages, broken JSON, bytes of another kind.
B12 Failures in the middle of a stream.
B13 Line ends of every kind.
B14 Counts of tokens that cannot be.
B15 Redirects.
B16 Addresses that hide another.
B17 Errors that repeat our key or a prompt.
B18 Hostile words: they stay words.
B19 The player leaves, and the service is told.
B20 Clocks that jump.
B21 One service down, and all of them.
ROWS
}

# "row Suite.Test" for every row that a test names, in the order of files.
named() {
  local file
  find src apps tests -name '*_test.cpp' | sort | while read -r file; do
    awk '
      function give(test,  n) { for (n = 1; n <= waiting; ++n) print ids[n], test; waiting = 0 }
      /^[ \t]*\/\/ ((Rows?|Hostile text) )?[BDEGJLRSUWX][0-9]+([,:. ].*)?$/ {
        indented = /^[ \t]/
        rest = $0; sub(/^[ \t]*\/\/ ((Rows?|Hostile text) )?/, "", rest)
        while (match(rest, /^((, | and )?[BDEGJLRSUWX][0-9]+)/)) {
          id = substr(rest, 1, RLENGTH); sub(/^(, | and )/, "", id)
          ids[++waiting] = id
          rest = substr(rest, RLENGTH + 1)
        }
        if (indented && test != "") give(test)
      }
      /^TEST(_F|_P)?\(/ { open = 1; test = "" }
      open { test = test $0
             if (test ~ /\)/) { sub(/^[^(]*\(/, "", test); sub(/\).*/, "", test)
                                gsub(/[ \t]/, "", test); sub(/,/, ".", test)
                                open = 0; give(test) } }
    ' "$file"
  done
}

page() {
  cat <<'TOP'
# Threat model: what is tried, and by which tests

What strangers may send, and what each of it is answered with: a typed error or a bounded reply, and never
the end of the process, a hang, memory out of proportion, or another player's words. What is promised is in
[SECURITY.md](../SECURITY.md), every bound in [limits.md](limits.md). Written by `tools/rows.sh`, from its list
and from the comments above tests; a test fails where a row has no test, or this page is older than the tests.
TOP
  awk '
    FILENAME == ARGV[1] { if (!seen[$1 " " $2]++) tests[$1] = tests[$1] (tests[$1] == "" ? "" : ", ") "`" $2 "`"
                          next }
    /^$/ { next }
    /^## / { heading = $0; next }
    { row = $1; sub(/^[^ ]+ /, "")
      may_lack = sub(/\?$/, "", row)
      known[row] = 1
      if (may_lack && tests[row] == "") next
      if (heading != "") printf "\n%s\n\n| row | what comes | tests |\n|---|---|---|\n", heading
      heading = ""
      if (tests[row] == "") { printf "Row %s has no test.\n", row > "/dev/stderr"; failed = 1 }
      printf "| %s | %s | %s |\n", row, $0, tests[row] }
    END { for (row in tests) if (!(row in known)) {
            printf "A test names the row %s, which is not in the list of tools/rows.sh: %s\n", row, tests[row] > "/dev/stderr"
            failed = 1 }
          exit failed }
  ' <(named) <(rows)
}

new=$(mktemp)
trap 'rm -f "$new"' EXIT
page >"$new"
if [[ ${1:-} == --check ]]; then
  diff -u docs/threat-model.md "$new" && exit 0
  echo "docs/threat-model.md and the tests disagree. Run tools/rows.sh and commit the page." >&2
  exit 1
fi
cp "$new" docs/threat-model.md
