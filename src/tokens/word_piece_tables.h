// A WordPiece vocabulary (BERT and its kin) as a Hugging Face folder states it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dramatis::tokens {

struct WordPieceTables {
  std::vector<std::string> tokens{};  // by id; a continuation begins with `continuation`
  std::string unknown = "[UNK]";      // what a word becomes that is not made of tokens
  std::string first = "[CLS]";        // around every text
  std::string last = "[SEP]";
  std::string continuation = "##";
  std::size_t longest_word = 100;  // in code points; a longer one is unknown
  bool cleans = true;              // controls go, every white space becomes a space
  bool spaces_ideographs = true;   // every Chinese character is a word
  bool strips_accents = true;      // decomposed, without nonspacing marks
  bool lower_cases = true;
};

// A vocab.txt, one token a line, and a tokenizer_config.json, which may be empty. Errors: kCorrupt.
[[nodiscard]] Result<WordPieceTables> parse_vocab_lines(std::string_view lines,
                                                        std::string_view config);
// A tokenizer.json of the kind WordPiece. Errors: kUnsupported naming the part that has no
// counterpart here; kCorrupt; kOverBudget.
[[nodiscard]] Result<WordPieceTables> parse_word_pieces(std::string_view tokenizer,
                                                        std::string_view config);
// A folder's tokenizer.json or, without one, its vocab.txt. Errors: those above and kNotFound.
[[nodiscard]] Result<WordPieceTables> read_word_pieces(const std::filesystem::path& folder);

}  // namespace dramatis::tokens
