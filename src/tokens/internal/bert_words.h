// A text -> the words that WordPiece cuts further, cleaned as the tables say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokens/word_piece_tables.h"

namespace dramatis::tokens::internal {

// `text` is valid UTF-8. Parted by white space; every mark of punctuation is a word of its own.
[[nodiscard]] std::vector<std::u32string> bert_words(std::string_view text,
                                                     const WordPieceTables& how);

}  // namespace dramatis::tokens::internal
