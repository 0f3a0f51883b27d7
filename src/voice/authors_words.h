// A small model's reply -> the same in its author's sentences.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lm/language_model.h"

namespace dramatis::voice {

// Each ends with its full stop, question or exclamation mark and what closes behind it; the last
// may lack them.
[[nodiscard]] std::vector<std::string_view> sentences_of(std::string_view text);

// The author's sentences that are nearest to those of `said`, in its order and each once. Nothing
// where a sentence is near to none. They refer to `lines`.
[[nodiscard]] std::optional<std::vector<std::string_view>> authors_sentences(
    std::string_view said, std::span<const lm::AuthoredLine> lines);

// `said` with each sentence put as the author of `lines` wrote the one that is nearest to it: what
// a small model remembers wrongly ("Bishop" for "Acre") is mended, what it chose and joined stays.
// Nothing where a sentence is near to none, or nothing was said.
[[nodiscard]] std::optional<std::string> in_authors_words(std::string_view said,
                                                          std::span<const lm::AuthoredLine> lines);

}  // namespace dramatis::voice
