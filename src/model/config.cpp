// Reads and judges a model file's metadata.
#include "model/config.h"

#include <cmath>

#include <fmt/format.h>

#include "model/internal/keys.h"
#include "model/internal/read_rope.h"
#include "model/limits.h"

namespace dramatis::model {
namespace {

using internal::Keys;

// What a family of models has, beside the numbers that its files state.
struct Family {
  std::string_view name;
  RopePairs rope_pairs = RopePairs::kNeighbours;
  Gate gate = Gate::kSilu;
  Part input_biases = Part::kAbsent;
  Part head_norms = Part::kAbsent;
  Part output_norms = Part::kAbsent;
  Part embedding_scale = Part::kAbsent;  // by the root of the width
  // Where a file does not say; 0: the family has none.
  std::size_t window = 0;
  std::size_t window_every = 1;
  double score_cap = 0;
  double logit_cap = 0;
};

// Source: Touvron et al. 2023, "LLaMA"; Yang et al. 2024, "Qwen2"; Yang et al. 2025, "Qwen3"; Gemma
// Team 2024, "Gemma 2"; llama.cpp for the defaults of files without the keys.
constexpr Family kFamilies[] = {
    {.name = "llama"},
    {.name = "qwen2", .rope_pairs = RopePairs::kHalves, .input_biases = Part::kPresent},
    {.name = "qwen3", .rope_pairs = RopePairs::kHalves, .head_norms = Part::kPresent},
    {.name = "gemma2",
     .rope_pairs = RopePairs::kHalves,
     .gate = Gate::kGelu,
     .output_norms = Part::kPresent,
     .embedding_scale = Part::kPresent,
     .window = 4096,
     .window_every = 2,
     .score_cap = 50,
     .logit_cap = 30},
};

Result<const Family*> find_family(const formats::Gguf& file) {
  DRAMATIS_TRY(const auto name, file.text("general.architecture"));
  std::vector<std::string_view> known;
  for (const auto& family : kFamilies) {
    if (family.name == name) return &family;
    known.push_back(family.name);
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("general.architecture is \"{}\"; computed are {}. Choose a model of one "
                          "of these.",
                          internal::shown(name), fmt::join(known, ", ")));
}

// What changes the arithmetic and is not computed here must not be ignored.
Status refuse_extensions(const Keys& keys) {
  struct Extension {
    std::string_view key;
    double harmless;
  };
  constexpr Extension kExtensions[] = {{"expert_count", 0},
                                       {"logit_scale", 1},
                                       {"residual_scale", 1},
                                       {"embedding_scale", 1},
                                       {"attention.clamp_kqv", 0}};
  for (const auto& [part, harmless] : kExtensions) {
    if (!keys.has(part)) continue;
    DRAMATIS_TRY(const auto value, keys.file().number(keys.name(part)));
    if (value != harmless) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("{} is {}; it changes the arithmetic in a way that is not computed.",
                              keys.name(part), value));
    }
  }
  if (keys.file().find("split.count") == nullptr) return {};
  DRAMATIS_TRY(const auto parts, keys.file().integer("split.count"));
  if (parts == 0 || parts == 1) return {};
  return fail(ErrorCode::kUnsupported,
              fmt::format("split.count is {}; split files are not read. Merge the parts.", parts));
}

Status read_heads(const Keys& keys, ModelConfig& config) {
  DRAMATIS_TRY(config.heads, keys.count("attention.head_count", kMaxHeads));
  DRAMATIS_TRY(config.kv_heads, keys.count_or("attention.head_count_kv", config.heads, kMaxHeads));
  if (config.heads % config.kv_heads != 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is {}, which does not divide the {} heads.",
                            keys.name("attention.head_count_kv"), config.kv_heads, config.heads));
  }
  if (!keys.has("attention.key_length") && config.width % config.heads != 0) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} is {}, which {} heads do not divide.",
                            keys.name("embedding_length"), config.width, config.heads));
  }
  DRAMATIS_TRY(config.head_width,
               keys.count_or("attention.key_length", config.width / config.heads, kMaxHeadWidth));
  DRAMATIS_TRY(const auto values,
               keys.count_or("attention.value_length", config.head_width, kMaxHeadWidth));
  if (values != config.head_width || config.head_width < 2) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format(
            "Heads have keys of {} and values of {} numbers; equal lengths from 2 on are computed.",
            config.head_width, values));
  }
  return {};
}

// Gemma 2's largest model, which its files do not tell from the others by a key, divides scores by
// the root of width / heads and not of H.
constexpr std::size_t kLayersOfGemma27b = 46;

Status read_scores(const Keys& keys, const Family& family, ModelConfig& config) {
  const bool wide = family.name == "gemma2" && config.layers == kLayersOfGemma27b;
  const auto shared =
      wide ? std::max<std::size_t>(config.width / config.heads, 1) : config.head_width;
  DRAMATIS_TRY(const auto scale,
               keys.number_or("attention.scale", 1 / std::sqrt(static_cast<double>(shared)),
                              {.least = 1e-6, .most = 1e3}));
  config.score_scale = static_cast<float>(scale);
  struct Cap {
    std::string_view key;
    double otherwise;
    float& to;
  };
  const Cap caps[] = {{"attn_logit_softcapping", family.score_cap, config.score_cap},
                      {"final_logit_softcapping", family.logit_cap, config.logit_cap}};
  for (const auto& cap : caps) {
    if (cap.otherwise == 0 && keys.has(cap.key)) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("The file has the key {}, which does not fit a model of the "
                              "architecture {}.",
                              keys.name(cap.key), family.name));
    }
    DRAMATIS_TRY(const auto value,
                 keys.number_or(cap.key, cap.otherwise, {.least = 0.01, .most = 1e6}));
    cap.to = static_cast<float>(value);
  }
  return {};
}

// Where a family has no sliding layers, a window bounds the context, so that nothing needs to
// slide.
Status read_context(const Keys& keys, const Family& family, ModelConfig& config) {
  DRAMATIS_TRY(config.context, keys.count("context_length", kMaxContext));
  const std::size_t otherwise = family.window > 0 ? family.window : config.context;
  DRAMATIS_TRY(const auto window,
               keys.count_or("attention.sliding_window", otherwise, kMaxContext));
  if (family.window == 0) {
    config.context = std::min(config.context, window);
    return {};
  }
  config.window = window;
  config.window_every = family.window_every;
  return {};
}

// The number of tokens, in which tensor and tables must agree.
Status read_vocabulary(const Keys& keys, ModelConfig& config) {
  const auto* embedding = keys.file().tensor("token_embd.weight");
  if (embedding == nullptr || embedding->shape.size() != 2) {
    return fail(ErrorCode::kNotFound,
                "The file has no tensor token_embd.weight with two dimensions.");
  }
  config.vocabulary = embedding->shape[1];
  DRAMATIS_TRY(const auto told, keys.count_or("vocab_size", config.vocabulary, kMaxContext));
  std::size_t listed = config.vocabulary;
  if (const auto* value = keys.file().find("tokenizer.ggml.tokens"); value != nullptr) {
    const auto* array = std::get_if<formats::GgufArray>(value);
    const auto* tokens = array == nullptr ? nullptr : std::get_if<std::vector<std::string>>(array);
    if (tokens == nullptr)
      return fail(ErrorCode::kCorrupt, "tokenizer.ggml.tokens is no array of texts.");
    listed = tokens->size();
  }
  if (told != config.vocabulary || listed != config.vocabulary) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("token_embd.weight has {} rows, {} says {} and tokenizer.ggml.tokens "
                            "has {}.",
                            config.vocabulary, keys.name("vocab_size"), told, listed));
  }
  return {};
}

}  // namespace

Result<ModelConfig> read_config(const formats::Gguf& file) {
  DRAMATIS_TRY(const Family* family, find_family(file));
  const Keys keys(file, family->name);
  DRAMATIS_DO(refuse_extensions(keys));
  ModelConfig config{.architecture = family->name,
                     .rope_pairs = family->rope_pairs,
                     .gate = family->gate,
                     .input_biases = family->input_biases,
                     .head_norms = family->head_norms,
                     .output_norms = family->output_norms};
  DRAMATIS_TRY(config.layers, keys.count("block_count", kMaxLayers));
  DRAMATIS_TRY(config.width, keys.count("embedding_length", kMaxWidth));
  DRAMATIS_TRY(config.ffn_width, keys.count("feed_forward_length", kMaxFfnWidth));
  DRAMATIS_DO(read_heads(keys, config));
  DRAMATIS_DO(internal::read_rope(keys, config));
  DRAMATIS_DO(read_scores(keys, *family, config));
  DRAMATIS_DO(read_context(keys, *family, config));
  DRAMATIS_DO(read_vocabulary(keys, config));
  DRAMATIS_TRY(const auto epsilon, keys.number_or("attention.layer_norm_rms_epsilon", 1e-5,
                                                  {.least = 1e-12, .most = 1}));
  config.norm_epsilon = static_cast<float>(epsilon);
  if (family->embedding_scale == Part::kPresent)
    config.embedding_scale = std::sqrt(static_cast<float>(config.width));
  if (config.parameters() <= kFineParameters) config.rounding = kernels::Rounding::kTwice;
  return config;
}

}  // namespace dramatis::model
