#!/usr/bin/env python3
"""Unicode's data, as this Python has it -> src/tokens/internal/letter_forms_table.cpp on standard output."""
import unicodedata

# Surrogates are no characters; Hangul is decomposed by a rule.
POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and not 0xAC00 <= c <= 0xD7A3]


def runs(points):
    """[first, last] of every unbroken run."""
    found = []
    for c in points:
        if found and found[-1][1] == c - 1:
            found[-1][1] = c
        else:
            found.append([c, c])
    return found


def steps(pairs):
    """[first, last, stride, distance] of every run of letters whose lower case is equally far away."""
    found, at = [], 0
    while at < len(pairs):
        best, stride = at, 1
        for wanted in (1, 2):
            end = at
            while (end + 1 < len(pairs) and pairs[end + 1][0] == pairs[end][0] + wanted
                   and pairs[end + 1][1] - pairs[end + 1][0] == pairs[at][1] - pairs[at][0]):
                end += 1
            if end > best:
                best, stride = end, wanted
        found.append((pairs[at][0], pairs[best][0], stride, pairs[at][1] - pairs[at][0]))
        at = best + 1
    return found


def plain(c):
    """The canonical decomposition without its nonspacing marks."""
    return "".join(x for x in unicodedata.normalize("NFD", chr(c)) if unicodedata.category(x) != "Mn")


def rows(entries, of_line):
    for at in range(0, len(entries), of_line):
        print("    " + " ".join(entries[at:at + of_line]))


def run_table(name, wanted):
    found = runs([c for c in POINTS if wanted(c)])
    print(f"\nconstexpr std::array<Run, {len(found)}> {name} = {{{{")
    rows([f"{{0x{a:X}, 0x{b:X}}}," for a, b in found], 5)
    print("}};")


def category(*names):
    return lambda c: unicodedata.category(chr(c)) in names


print(f"// Made by tools/letter_forms.py from Unicode {unicodedata.unidata_version}; not to be edited.")
print('#include "tokens/internal/letter_forms_table.h"\n\n#include <array>\n')
print("namespace dramatis::tokens::internal {\nnamespace {\n\n// clang-format off")
run_table("kControlRuns", category("Cc", "Cf", "Co"))
run_table("kPunctuationRuns", category("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"))
run_table("kAccentRuns", lambda c: plain(c) == "")
lower = steps([(c, ord(chr(c).lower())) for c in POINTS if chr(c).lower() != chr(c) and len(chr(c).lower()) == 1])
print(f"\nconstexpr std::array<LowerRun, {len(lower)}> kLowerRuns = {{{{")
rows([f"{{0x{a:X}, 0x{b:X}, {s}, {d}}}," for a, b, s, d in lower], 4)
print("}};")
forms = [(c, plain(c)) for c in POINTS if plain(c) not in ("", chr(c))]
print(f"\nconstexpr std::array<PlainForm, {len(forms)}> kPlainForms = {{{{")
rows(["{0x%X, {%s}}," % (c, ", ".join("0x%X" % ord(x) for x in p)) for c, p in forms], 5)
print("}};\n// clang-format on\n\n}  // namespace\n")
for kind, name in (("Run", "control_runs"), ("Run", "punctuation_runs"), ("Run", "accent_runs"),
                   ("LowerRun", "lower_runs"), ("PlainForm", "plain_forms")):
    constant = "k" + "".join(word.capitalize() for word in name.split("_"))
    print(f"std::span<const {kind}> {name}() {{\n  return {constant};\n}}")
print("\n}  // namespace dramatis::tokens::internal")
