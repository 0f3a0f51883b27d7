// The JSON files of an encoder's Hugging Face folder -> its shape, and how long a text it sees.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "model/bert.h"

namespace dramatis::engine {

struct EncoderShape {
  model::BertConfig config{};
  std::size_t most_tokens = 0;  // of a text, its first and last included; what is past them is cut
};

// config.json. Errors: kUnsupported naming what is not computed (another kind of model, activation
// or position); kCorrupt naming the member; those of model::validate.
[[nodiscard]] Result<model::BertConfig> parse_bert_config(std::string_view json);
// sentence_bert_config.json's max_seq_length, if it names one. Errors: kCorrupt.
[[nodiscard]] Result<std::optional<std::size_t>> parse_longest_text(std::string_view json);
// modules.json: the mean of the tokens' states and no layer after it. Errors: kUnsupported naming
// the module; kCorrupt.
[[nodiscard]] Status check_modules(std::string_view json);
// 1_Pooling/config.json: the mean of the tokens' states. Errors: kUnsupported naming what else is
// asked for; kCorrupt.
[[nodiscard]] Status check_pooling(std::string_view json);

// All of them; config.json alone must be there. Errors: those above, and of read_text_file.
[[nodiscard]] Result<EncoderShape> read_encoder_shape(const std::filesystem::path& folder);

}  // namespace dramatis::engine
