// The vocabulary that a model is trained with, as a GGUF file without tensors;
// apps/dramatis-vocabulary makes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "formats/gguf_writer.h"
#include "tokens/vocabulary.h"

namespace dramatis::train {

// Ids that every vocabulary of ours has, in this order.
constexpr std::int32_t kUnknownId = 0;
constexpr std::int32_t kBeginId = 1;
constexpr std::int32_t kEndId = 2;        // parts documents in the English stage
constexpr std::int32_t kTurnStartId = 3;  // <|im_start|>
constexpr std::int32_t kTurnEndId = 4;    // <|im_end|>

// The file and what tokens/ makes of it.
struct TrainingVocabulary {
  formats::Gguf file;
  tokens::Vocabulary words;
};

// Errors: those of the reader; kCorrupt where <|im_end|> is not at its place.
[[nodiscard]] Result<TrainingVocabulary> read_vocabulary(const std::filesystem::path& path);

// Ids of `text`, which never becomes a control token.
[[nodiscard]] Result<std::vector<std::int32_t>> encode(const TrainingVocabulary& vocabulary,
                                                       std::string_view text);

// Copies every "tokenizer." key of `from`.
void copy_tokenizer(const formats::Gguf& from, formats::GgufWriter& to);

}  // namespace dramatis::train
