// A player's words -> the words to look up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dramatis::search::internal {

// The words of `text` in small letters, without stop words unless there is nothing else, each once,
// at most kMaxQueryWords. Letters beyond ASCII are kept as they are.
[[nodiscard]] std::vector<std::string> query_words(std::string_view text);

// An FTS5 expression that matches any of `words`; none of their letters is syntax.
[[nodiscard]] std::string any_of(const std::vector<std::string>& words);

// `owner` as one word which no stemmer changes: hexadecimal, between a letter and a digit.
[[nodiscard]] std::string owner_word(std::string_view owner);

}  // namespace dramatis::search::internal
