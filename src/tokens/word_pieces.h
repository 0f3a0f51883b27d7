// WordPiece, as BERT and its kin read: text -> token ids between their first and their last.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "tokens/word_piece_tables.h"

namespace dramatis::tokens {

// Immutable.
class WordPieces {
 public:
  // Errors: kCorrupt naming a token that is empty, too long, twice there or missing; kOverBudget.
  [[nodiscard]] static Result<WordPieces> from_tables(WordPieceTables given);

  // At most `most` ids (at least 2) with the first and the last token; what is past them is cut
  // off. Letters never become a special token: "[SEP]" in a text is a bracket, a word, a bracket.
  // Errors: kInvalidArgument for invalid UTF-8; kOverBudget past kMaxEncodeBytes.
  [[nodiscard]] Result<std::vector<TokenId>> encode(
      std::string_view text, std::size_t most = std::numeric_limits<std::size_t>::max()) const;

  [[nodiscard]] std::size_t size() const { return tables_.tokens.size(); }
  // The token as the file writes it. Checked: in range.
  [[nodiscard]] std::string_view name_of(TokenId id) const&;
  std::string_view name_of(TokenId id) && = delete;

 private:
  // What may stand at one place of a word.
  struct Pieces {
    std::unordered_map<std::string, TokenId> ids;
    std::size_t longest = 0;  // in bytes
  };
  explicit WordPieces(WordPieceTables tables) : tables_(std::move(tables)) {}
  void append_word(std::u32string_view word, std::vector<TokenId>& out) const;

  WordPieceTables tables_;
  Pieces starts_, others_;
  TokenId unknown_{}, first_{}, last_{};
};

}  // namespace dramatis::tokens
