// The model and the added tokens of a tokenizer.json -> tokens, types, merges and scores.
#pragma once

#include "base/result.h"
#include "text/json.h"
#include "tokens/vocabulary_tables.h"

namespace dramatis::tokens::internal {

// Fills tables whose kind is set. Errors: kUnsupported naming what has no counterpart here;
// kCorrupt naming token, merge or id; kOverBudget.
[[nodiscard]] Status read_tokens(const text::Json& tokenizer, VocabularyTables& tables);

// "[PAD7]" for the id 7.
[[nodiscard]] std::string name_of_free_id(std::size_t id);

}  // namespace dramatis::tokens::internal
