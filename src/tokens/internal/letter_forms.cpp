// Searches in the tables, and the rules that Unicode states as rules.
#include "tokens/internal/letter_forms.h"

#include <algorithm>
#include <array>
#include <span>

#include "tokens/internal/letter_forms_table.h"

namespace dramatis::tokens::internal {
namespace {

// The run that might hold `c`: the last that begins at or before it; null where there is none.
template <class T>
const T* run_at(std::span<const T> runs, char32_t c) {
  const auto after = std::ranges::upper_bound(runs, c, {}, [](const T& run) { return run.first; });
  return after == runs.begin() ? nullptr : &*(after - 1);
}

bool is_in(std::span<const Run> runs, char32_t c) {
  const Run* run = run_at(runs, c);
  return run != nullptr && c <= run->last;
}

constexpr std::array<Run, 10> kWhiteSpace = {{{0x9, 0xD},
                                              {0x20, 0x20},
                                              {0x85, 0x85},
                                              {0xA0, 0xA0},
                                              {0x1680, 0x1680},
                                              {0x2000, 0x200A},
                                              {0x2028, 0x2029},
                                              {0x202F, 0x202F},
                                              {0x205F, 0x205F},
                                              {0x3000, 0x3000}}};

// Source: Devlin et al. 2018, tokenization.py of the published BERT.
constexpr std::array<Run, 8> kIdeographs = {{{0x3400, 0x4DBF},
                                             {0x4E00, 0x9FFF},
                                             {0xF900, 0xFAFF},
                                             {0x20000, 0x2A6DF},
                                             {0x2A700, 0x2B73F},
                                             {0x2B740, 0x2B81F},
                                             {0x2B820, 0x2CEAF},
                                             {0x2F800, 0x2FA1F}}};

// Source: The Unicode Standard 14, 3.12, Hangul Syllable Decomposition.
constexpr char32_t kHangulFirst = 0xAC00;
constexpr char32_t kHangulCount = 11172;
constexpr char32_t kTrails = 28;
constexpr char32_t kVowels = 21;

void append_hangul(char32_t index, std::u32string& out) {
  out += 0x1100 + index / (kVowels * kTrails);
  out += 0x1161 + index % (kVowels * kTrails) / kTrails;
  if (const char32_t trail = index % kTrails; trail != 0) out += 0x11A7 + trail;
}

}  // namespace

bool is_white_space(char32_t c) {
  return is_in(kWhiteSpace, c);
}

bool is_dropped(char32_t c) {
  if (c == U'\t' || c == U'\n' || c == U'\r') return false;
  return c == 0xFFFD || is_in(control_runs(), c);
}

bool is_punctuation(char32_t c) {
  const bool is_visible_ascii = c > 0x20 && c < 0x7F;
  const bool is_word = (c >= U'0' && c <= U'9') || ((c | 0x20) >= U'a' && (c | 0x20) <= U'z');
  return is_visible_ascii ? !is_word : is_in(punctuation_runs(), c);
}

bool is_ideograph(char32_t c) {
  return is_in(kIdeographs, c);
}

void append_plain(char32_t c, std::u32string& out) {
  if (c >= kHangulFirst && c - kHangulFirst < kHangulCount) {
    append_hangul(c - kHangulFirst, out);
    return;
  }
  if (c < 0x80 || is_in(accent_runs(), c)) {
    if (c < 0x80) out += c;
    return;
  }
  const auto forms = plain_forms();
  const auto form =
      std::ranges::lower_bound(forms, c, {}, [](const PlainForm& row) { return row.from; });
  if (form == forms.end() || form->from != c) {
    out += c;
    return;
  }
  for (const char32_t part : form->to) {
    if (part != 0) out += part;
  }
}

void append_lower(char32_t c, std::u32string& out) {
  if (c == 0x130) {  // the one letter whose lower case is two characters
    out += U"i\u0307";
    return;
  }
  const LowerRun* run = run_at(lower_runs(), c);
  const bool has_lower = run != nullptr && c <= run->last &&
                         (c - run->first) % static_cast<char32_t>(run->stride) == 0;
  out += has_lower ? static_cast<char32_t>(static_cast<std::int32_t>(c) + run->distance) : c;
}

}  // namespace dramatis::tokens::internal
