// A text -> its words, and what stands between quotation marks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dramatis::dataset {

// Words of letters and digits, in small letters; an apostrophe within one is left out.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);
[[nodiscard]] std::size_t count_words(std::string_view text);

// Without the quotation marks, straight or curled, around all of it; a text in which others stand
// is not one quotation and stays.
[[nodiscard]] std::string_view without_quotes(std::string_view text);

}  // namespace dramatis::dataset
