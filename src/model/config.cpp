// Reads and judges a Llama file's metadata.
#include "model/config.h"

#include <cmath>

#include <fmt/format.h>

#include "model/limits.h"

namespace dramatis::model {
namespace {

using formats::Gguf;

Result<std::size_t> count(const Gguf& file, std::string_view key, std::size_t most) {
  DRAMATIS_TRY(const auto value, file.integer(key));
  if (value < 1 || static_cast<std::uint64_t>(value) > most) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is {}; it must lie between 1 and {}.", key, value, most));
  }
  return static_cast<std::size_t>(value);
}

Result<std::size_t> count_or(const Gguf& file, std::string_view key, std::size_t otherwise,
                             std::size_t most) {
  if (file.find(key) == nullptr) return otherwise;
  return count(file, key, most);
}

Result<double> number_or(const Gguf& file, std::string_view key, double otherwise, double least,
                         double most) {
  if (file.find(key) == nullptr) return otherwise;
  DRAMATIS_TRY(const auto value, file.number(key));
  if (!(value >= least && value <= most)) {  // NaN is in no range
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is {}; it must lie between {} and {}.", key, value, least, most));
  }
  return value;
}

// What changes the arithmetic and is not computed here must not be ignored.
Status refuse_extensions(const Gguf& file) {
  if (const auto kind = file.text("llama.rope.scaling.type");
      kind && *kind != "none" && *kind != "linear") {
    return fail(ErrorCode::kUnsupported,
                fmt::format("llama.rope.scaling.type is \"{}\"; none and linear are computed.",
                            kind->substr(0, 40)));
  }
  for (const std::string_view key : {"llama.expert_count", "split.count"}) {
    if (file.find(key) == nullptr) continue;
    DRAMATIS_TRY(const auto value, file.integer(key));
    if (value != 0 && !(value == 1 && key == "split.count")) {
      return fail(
          ErrorCode::kUnsupported,
          fmt::format("{} is {}; models of experts and split files are not read.", key, value));
    }
  }
  return {};
}

Status read_heads(const Gguf& file, ModelConfig& config) {
  DRAMATIS_TRY(config.heads, count(file, "llama.attention.head_count", kMaxHeads));
  DRAMATIS_TRY(config.kv_heads,
               count_or(file, "llama.attention.head_count_kv", config.heads, kMaxHeads));
  if (config.heads % config.kv_heads != 0) {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("llama.attention.head_count_kv is {}, which does not divide the {} heads.",
                    config.kv_heads, config.heads));
  }
  const bool told = file.find("llama.attention.key_length") != nullptr;
  if (!told && config.width % config.heads != 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("llama.embedding_length is {}, which {} heads do not divide.",
                            config.width, config.heads));
  }
  DRAMATIS_TRY(config.head_width, count_or(file, "llama.attention.key_length",
                                           config.width / config.heads, kMaxHeadWidth));
  DRAMATIS_TRY(const auto values,
               count_or(file, "llama.attention.value_length", config.head_width, kMaxHeadWidth));
  if (values != config.head_width || config.head_width < 2) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format(
            "Heads have keys of {} and values of {} numbers; equal lengths from 2 on are computed.",
            config.head_width, values));
  }
  return {};
}

Status read_rope(const Gguf& file, ModelConfig& config) {
  const std::size_t even = config.head_width / 2 * 2;
  DRAMATIS_TRY(config.rope_width,
               count_or(file, "llama.rope.dimension_count", even, config.head_width));
  if (config.rope_width % 2 != 0) {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("llama.rope.dimension_count is {}; pairs are rotated.", config.rope_width));
  }
  DRAMATIS_TRY(config.rope_base, number_or(file, "llama.rope.freq_base", 10000, 1, 1e12));
  const auto kind = file.text("llama.rope.scaling.type");
  if (kind && *kind == "linear") {
    DRAMATIS_TRY(config.rope_divisor, number_or(file, "llama.rope.scaling.factor", 1, 1e-3, 1e6));
  }
  return {};
}

// A window that slides is never longer than the context, so nothing needs to slide.
Status read_context(const Gguf& file, ModelConfig& config) {
  DRAMATIS_TRY(config.context, count(file, "llama.context_length", kMaxContext));
  DRAMATIS_TRY(const auto window,
               count_or(file, "llama.attention.sliding_window", config.context, kMaxContext));
  config.context = std::min(config.context, window);
  return {};
}

// The number of tokens, in which tensor and tables must agree.
Status read_vocabulary(const Gguf& file, ModelConfig& config) {
  const auto* embedding = file.tensor("token_embd.weight");
  if (embedding == nullptr || embedding->shape.size() != 2) {
    return fail(ErrorCode::kNotFound,
                "The file has no tensor token_embd.weight with two dimensions.");
  }
  config.vocabulary = embedding->shape[1];
  DRAMATIS_TRY(const auto told, count_or(file, "llama.vocab_size", config.vocabulary, kMaxContext));
  std::size_t listed = config.vocabulary;
  if (const auto* value = file.find("tokenizer.ggml.tokens"); value != nullptr) {
    const auto* array = std::get_if<formats::GgufArray>(value);
    const auto* tokens = array == nullptr ? nullptr : std::get_if<std::vector<std::string>>(array);
    if (tokens == nullptr)
      return fail(ErrorCode::kCorrupt, "tokenizer.ggml.tokens is no array of texts.");
    listed = tokens->size();
  }
  if (told != config.vocabulary || listed != config.vocabulary) {
    return fail(ErrorCode::kCorrupt, fmt::format("token_embd.weight has {} rows, llama.vocab_size "
                                                 "says {} and tokenizer.ggml.tokens has {}.",
                                                 config.vocabulary, told, listed));
  }
  return {};
}

}  // namespace

Result<ModelConfig> read_config(const Gguf& file) {
  DRAMATIS_TRY(const auto architecture, file.text("general.architecture"));
  if (architecture != "llama") {
    return fail(ErrorCode::kUnsupported,
                fmt::format("general.architecture is \"{}\"; llama is computed.",
                            std::string(architecture.substr(0, 40))));
  }
  DRAMATIS_DO(refuse_extensions(file));
  ModelConfig config;
  DRAMATIS_TRY(config.layers, count(file, "llama.block_count", kMaxLayers));
  DRAMATIS_TRY(config.width, count(file, "llama.embedding_length", kMaxWidth));
  DRAMATIS_TRY(config.ffn_width, count(file, "llama.feed_forward_length", kMaxFfnWidth));
  DRAMATIS_DO(read_heads(file, config));
  DRAMATIS_DO(read_rope(file, config));
  DRAMATIS_DO(read_context(file, config));
  DRAMATIS_DO(read_vocabulary(file, config));
  DRAMATIS_TRY(const auto epsilon,
               number_or(file, "llama.attention.layer_norm_rms_epsilon", 1e-5, 1e-12, 1));
  config.norm_epsilon = static_cast<float>(epsilon);
  return config;
}

}  // namespace dramatis::model
