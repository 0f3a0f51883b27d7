// What a character is to BERT's tokenizers, and its lower case and its plain form.
#pragma once

#include <string>

namespace dramatis::tokens::internal {

[[nodiscard]] bool is_white_space(char32_t c);  // Unicode's White_Space
// Controls, formats and private use, without tab, line feed and carriage return.
[[nodiscard]] bool is_dropped(char32_t c);
// Unicode's, and what ASCII has beside letters and digits.
[[nodiscard]] bool is_punctuation(char32_t c);
// Of the blocks of Chinese characters; neither kana nor Hangul.
[[nodiscard]] bool is_ideograph(char32_t c);

// Appends the canonical decomposition of `c` without its nonspacing marks.
void append_plain(char32_t c, std::u32string& out);
// Appends the lower case of `c`.
void append_lower(char32_t c, std::u32string& out);

}  // namespace dramatis::tokens::internal
