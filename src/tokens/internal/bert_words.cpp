// Cleaned, spaced, plain, small: in this order, character by character.
#include "tokens/internal/bert_words.h"

#include "text/utf8.h"
#include "tokens/internal/letter_forms.h"

namespace dramatis::tokens::internal {
namespace {

// What one character becomes.
void append_clean(char32_t c, const WordPieceTables& how, std::u32string& out) {
  if (how.cleans && is_dropped(c)) return;
  if (how.cleans && is_white_space(c)) c = U' ';
  const bool stands_alone = how.spaces_ideographs && is_ideograph(c);
  if (stands_alone) out += U' ';
  std::u32string forms;
  if (how.strips_accents) {
    append_plain(c, forms);
  } else {
    forms += c;
  }
  for (const char32_t form : forms) {
    if (how.lower_cases) {
      append_lower(form, out);
    } else {
      out += form;
    }
  }
  if (stands_alone) out += U' ';
}

}  // namespace

std::vector<std::u32string> bert_words(std::string_view text, const WordPieceTables& how) {
  std::u32string clean;
  while (!text.empty()) {
    const auto point = text::first_code_point(text);
    text.remove_prefix(point.length);
    append_clean(point.value, how, clean);
  }
  std::vector<std::u32string> words;
  bool goes_on = false;
  for (const char32_t c : clean) {
    const bool is_mark = is_punctuation(c);
    if (is_white_space(c)) {
      goes_on = false;
      continue;
    }
    if (!goes_on || is_mark) words.emplace_back();
    words.back() += c;
    goes_on = !is_mark;
  }
  return words;
}

}  // namespace dramatis::tokens::internal
