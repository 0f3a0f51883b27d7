// Tables of a vocabulary -> the keys under `tokenizer.ggml.`.
#pragma once

#include "formats/gguf_writer.h"
#include "tokens/vocabulary_tables.h"

namespace dramatis::convert::internal {

// Checked: types are absent or as many as tokens.
void add_tables(formats::GgufWriter& to, const tokens::VocabularyTables& tables);

}  // namespace dramatis::convert::internal
