// The tokenizer of a Hugging Face folder (tokenizer.json, tokenizer_config.json) -> the tables of a
// vocabulary, and the text of its chat template.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tokens/vocabulary_tables.h"

namespace dramatis::tokens {

// Byte-level BPE becomes "gpt2", BPE with byte fallback and U+2581 for spaces becomes "llama" (with
// its merges, and with scores in their order for readers that know scores alone). Ids without a
// token become unused ones. A normaliser NFC is taken as read: texts are expected to be composed.
// `config` may be empty. Errors: kUnsupported naming the part that has no counterpart here;
// kCorrupt naming the place; kOverBudget.
[[nodiscard]] Result<VocabularyTables> parse_hugging_face(std::string_view tokenizer,
                                                          std::string_view config);
// The same from the folder's files. Errors: those above and kNotFound.
[[nodiscard]] Result<VocabularyTables> read_hugging_face(const std::filesystem::path& folder);

// A model's table of vectors may have more rows than there are tokens: unused ones up to `rows`.
// Errors: kCorrupt where it has fewer, or more than kMaxFreeIds more.
[[nodiscard]] Status pad_tables(VocabularyTables& tables, std::size_t rows);

// chat_template.jinja, or the configuration's chat_template (of several, the one named "default");
// nothing where the folder has none. Errors: kCorrupt; kOverBudget.
[[nodiscard]] Result<std::optional<std::string>> read_chat_template(
    const std::filesystem::path& folder);

}  // namespace dramatis::tokens
