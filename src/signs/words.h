// Text -> its words in plain letters, each with its place; phrases of such words found again.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "signs/sign.h"

namespace dramatis::signs {

// A word as it is compared, and where it stands.
struct Word {
  std::string plain{};     // lower-case ASCII letters; apostrophes straight
  std::size_t first = 0;   // bytes of the text
  std::size_t length = 0;  // likewise
};

// Runs of letters, digits and apostrophes within them.
[[nodiscard]] std::vector<Word> words_of(std::string_view text);

// The same with contractions written out ("can't" -> "can", "not", both at its place) and the
// possessive's ending dropped.
[[nodiscard]] std::vector<Word> written_out(std::string_view text);

// A run of words: "as an ai". A last letter '*' lets the word go on: "program*". Written out.
using Phrase = std::string_view;

// The phrase that has the words of `text`, in their order; empty where it has none.
[[nodiscard]] std::string phrase_of(std::string_view text);

// Where `phrase` first stands at or after word `from`; the number of words it has.
struct PhrasePlace {
  std::size_t word, count;
};
[[nodiscard]] std::optional<PhrasePlace> find_phrase(std::span<const Word> words, Phrase phrase,
                                                     std::size_t from = 0);

// The bytes from the first to the last of `count` words.
[[nodiscard]] Finding finding_at(std::span<const Word> words, PhrasePlace place,
                                 std::string_view sign, std::string reason);

// Each place of `text` at which one of `phrases` stands, in the order of the places; of phrases
// that overlap, the first in the list. `reason` is one word group: "offers help".
struct PhraseTable {
  std::string_view reason;
  std::span<const Phrase> phrases;
};
[[nodiscard]] Findings find_phrases(std::string_view text, std::string_view sign,
                                    std::span<const PhraseTable> tables);

// A text's sentences, each with its closing mark; newlines part them, too.
[[nodiscard]] std::vector<std::string_view> sentences_of(std::string_view text);

}  // namespace dramatis::signs
