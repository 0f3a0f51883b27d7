// Letters (text without control tokens) -> token ids; one implementation for each kind of
// vocabulary.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "tokens/vocabulary_tables.h"

namespace dramatis::tokens::internal {

// What each token writes, by id. Kept alive by the vocabulary.
struct Pieces {
  std::vector<std::string> names;  // as the file writes them
  std::vector<std::string> bytes;  // as a reader sees them; control tokens: empty
  std::vector<TokenType> types;
};

// A byte's token; -1: it has none. Such a byte becomes the unknown token, where there is one.
using ByteTokens = std::array<std::int32_t, 256>;

// Immutable.
class Letters {
 public:
  Letters() = default;
  Letters(const Letters&) = delete;
  Letters& operator=(const Letters&) = delete;
  virtual ~Letters() = default;
  // `letters` is valid UTF-8 of at most kMaxEncodeBytes. Never a control token.
  [[nodiscard]] virtual Status append(std::string_view letters,
                                      std::vector<TokenId>& out) const = 0;
};

// "gpt2": words by a pattern, then merges of bytes by rank. `pieces` must outlive the result.
// Errors: kUnsupported for a `pre` without a row; kCorrupt for a merge that is none.
[[nodiscard]] Result<std::unique_ptr<const Letters>> make_byte_pairs(
    const Pieces& pieces, const VocabularyTables& tables);

// "llama": merges of characters by score, or by rank where the tables have merges; what has no
// token becomes its bytes. Errors: kCorrupt for a merge that is none.
[[nodiscard]] Result<std::unique_ptr<const Letters>> make_sentence_pieces(
    const Pieces& pieces, const VocabularyTables& tables);

// The tokens of single bytes: those of that type, and for "gpt2" the normal tokens of one byte.
// Errors: kCorrupt where two tokens stand for one byte.
[[nodiscard]] Result<ByteTokens> find_byte_tokens(const Pieces& pieces, bool normal_too);

}  // namespace dramatis::tokens::internal
