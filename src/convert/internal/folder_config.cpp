// Families by name, then sizes, rotation, windows and scores, each key in its range.
#include "convert/internal/folder_config.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "convert/internal/fields.h"
#include "convert/limits.h"
#include "model/limits.h"
#include "text/utterance.h"

namespace dramatis::convert::internal {
namespace {

constexpr std::string_view kFile = "config.json";

// What a folder calls itself, and the defaults of its family.
struct Family {
  std::string_view type;          // model_type
  std::string_view architecture;  // of GGUF
  bool is_tied;
  std::size_t head_width;  // 0: width / heads
};
constexpr Family kFamilies[] = {{"llama", "llama", false, 0},
                                {"mistral", "llama", false, 0},
                                {"qwen2", "qwen2", false, 0},
                                {"qwen3", "qwen3", false, 128},
                                {"gemma2", "gemma2", true, 256}};

Result<Family> find_family(const Fields& fields) {
  DRAMATIS_TRY(const auto type, fields.text_or("model_type", ""));
  std::vector<std::string_view> known;
  for (const auto& family : kFamilies) {
    if (family.type == type) return family;
    known.push_back(family.type);
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("{}: model_type is \"{}\"; computed are {}.", kFile,
                          text::printable(type).substr(0, 60), fmt::join(known, ", ")));
}

Status refuse_extensions(const Fields& fields) {
  constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
      {"quantization_config", "weights that are already quantised are not read"},
      {"mlp_bias", "biases of feed-forward blocks are not computed"},
      {"num_local_experts", "experts are not computed"},
      {"use_sliding_window", "sliding windows of this family are not computed"}};
  for (const auto& [key, why] : kRefused) DRAMATIS_DO(fields.refuse(key, why));
  DRAMATIS_TRY(const auto rotated, fields.number_or("partial_rotary_factor", 1, 0, 1));
  if (rotated != 1)
    return fail(ErrorCode::kUnsupported,
                fmt::format("{}: partial_rotary_factor is {}; whole heads are rotated here.", kFile,
                            rotated));
  return {};
}

Status read_gate(const Fields& fields, const FolderConfig& config) {
  const std::string_view wanted = config.is_gemma() ? "gelu_pytorch_tanh" : "silu";
  const auto* key = fields.has("hidden_activation") ? "hidden_activation" : "hidden_act";
  DRAMATIS_TRY(const auto given, fields.text_or(key, wanted));
  if (given == wanted) return {};
  return fail(ErrorCode::kUnsupported, fmt::format("{}: {} is \"{}\"; \"{}\" is computed.", kFile,
                                                   key, text::printable(given), wanted));
}

Status read_sizes(const Fields& fields, const Family& family, FolderConfig& config) {
  DRAMATIS_TRY(config.layers, fields.needed_count("num_hidden_layers", model::kMaxLayers));
  DRAMATIS_TRY(config.width, fields.needed_count("hidden_size", model::kMaxWidth));
  DRAMATIS_TRY(config.ffn_width, fields.needed_count("intermediate_size", model::kMaxFfnWidth));
  DRAMATIS_TRY(config.heads, fields.needed_count("num_attention_heads", model::kMaxHeads));
  DRAMATIS_TRY(config.kv_heads,
               fields.count_or("num_key_value_heads", config.heads, model::kMaxHeads));
  const auto otherwise = family.head_width != 0 ? family.head_width : config.width / config.heads;
  DRAMATIS_TRY(config.head_width, fields.count_or("head_dim", otherwise, model::kMaxHeadWidth));
  if (config.heads % config.kv_heads != 0 || config.head_width == 0 || config.head_width % 2 != 0) {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("{}: {} heads of {} numbers on {} key heads; the latter must divide the "
                    "former, and numbers are rotated in pairs.",
                    kFile, config.heads, config.head_width, config.kv_heads));
  }
  DRAMATIS_TRY(config.vocabulary, fields.needed_count("vocab_size", model::kMaxContext));
  DRAMATIS_TRY(config.context, fields.needed_count("max_position_embeddings", model::kMaxContext));
  DRAMATIS_TRY(config.norm_epsilon, fields.number_or("rms_norm_eps", 1e-6, 1e-12, 1));
  return {};
}

// rope_scaling, or rope_parameters as newer folders write it with the base inside.
Status read_rotation(const Fields& fields, FolderConfig& config) {
  const auto* newer = fields.object().find("rope_parameters");
  const bool is_newer = newer != nullptr && newer->as_object() != nullptr;
  const auto* given = is_newer ? newer : fields.object().find("rope_scaling");
  const text::Json none{text::JsonObject{}};
  const bool is_given = given != nullptr && given->as_object() != nullptr;
  const Fields scaling(is_given ? *given : none,
                       fmt::format("{}: {}", kFile, is_newer ? "rope_parameters" : "rope_scaling"));
  DRAMATIS_TRY(
      config.rope_base,
      (scaling.has("rope_theta") ? scaling : fields).number_or("rope_theta", 10000, 1, 1e12));
  DRAMATIS_TRY(const auto older, scaling.text_or("type", "default"));
  DRAMATIS_TRY(const auto kind, scaling.text_or("rope_type", older));
  if (kind == "default") return {};
  if (kind != "linear" && kind != "llama3") {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{}: rope_type is \"{}\"; default, linear and llama3 are computed.",
                            scaling.file(), text::printable(kind)));
  }
  DRAMATIS_TRY(const auto factor, scaling.number_or("factor", 1, 1e-3, 1e6));
  if (kind == "linear") {
    config.rope_factor = factor;
    return {};
  }
  Stretch stretch{.factor = factor};
  DRAMATIS_TRY(stretch.low, scaling.number_or("low_freq_factor", 1, 1e-3, 1e6));
  DRAMATIS_TRY(stretch.high, scaling.number_or("high_freq_factor", 4, 1e-3, 1e6));
  DRAMATIS_TRY(stretch.trained,
               scaling.needed_count("original_max_position_embeddings", model::kMaxContext));
  if (stretch.high <= stretch.low)
    return fail(ErrorCode::kCorrupt,
                fmt::format("{}: high_freq_factor {} is not more than low_freq_factor {}.",
                            scaling.file(), stretch.high, stretch.low));
  config.stretch = stretch;
  return {};
}

Status read_gemma(const Fields& fields, FolderConfig& config) {
  DRAMATIS_TRY(const auto scalar, fields.number_or("query_pre_attn_scalar",
                                                   static_cast<double>(config.head_width), 1, 1e6));
  config.score_scale = 1 / std::sqrt(scalar);
  for (const char* key : {"attn_logit_softcapping", "final_logit_softcapping"}) {
    if (!fields.has(key))
      return fail(
          ErrorCode::kUnsupported,
          fmt::format("{} does not say {}; gemma2 without it is not computed.", kFile, key));
  }
  DRAMATIS_TRY(config.score_cap, fields.number_or("attn_logit_softcapping", 50, 0.01, 1e6));
  DRAMATIS_TRY(config.logit_cap, fields.number_or("final_logit_softcapping", 30, 0.01, 1e6));
  return {};
}

// A number or a list of them.
Status read_ends(const Fields& fields, FolderConfig& config) {
  const auto* begin = fields.object().find("bos_token_id");
  if (begin != nullptr && begin->as_int() != nullptr) config.begin = *begin->as_int();
  const auto* end = fields.object().find("eos_token_id");
  if (end == nullptr) return {};
  if (end->as_int() != nullptr) config.ends.push_back(*end->as_int());
  if (end->as_array() != nullptr) {
    for (const auto& one : *end->as_array()) {
      if (one.as_int() != nullptr) config.ends.push_back(*one.as_int());
    }
  }
  return {};
}

}  // namespace

Result<FolderConfig> parse_config(std::string_view document) {
  DRAMATIS_TRY(const auto parsed, parse_object(document, kFile, kMaxConfigBytes));
  const Fields fields(parsed, std::string(kFile));
  DRAMATIS_TRY(const auto family, find_family(fields));
  DRAMATIS_DO(refuse_extensions(fields));
  FolderConfig config{.architecture = std::string(family.architecture)};
  DRAMATIS_DO(read_gate(fields, config));
  DRAMATIS_DO(read_sizes(fields, family, config));
  DRAMATIS_DO(read_rotation(fields, config));
  config.says_tying = fields.has("tie_word_embeddings");
  DRAMATIS_TRY(config.is_tied, fields.truth_or("tie_word_embeddings", family.is_tied));
  // A window of Qwen counts where use_sliding_window says so, which was refused.
  if (family.type == "mistral" || config.is_gemma()) {
    DRAMATIS_TRY(config.window, fields.count("sliding_window", 1, model::kMaxContext));
  }
  if (config.is_gemma()) DRAMATIS_DO(read_gemma(fields, config));
  DRAMATIS_DO(read_ends(fields, config));
  if (fields.has("auto_map"))
    config.warnings.emplace_back("config.json names code of its own (auto_map); it is never run.");
  return config;
}

void add_keys(formats::GgufWriter& to, const FolderConfig& config) {
  const auto key = [&](std::string_view part) {
    return fmt::format("{}.{}", config.architecture, part);
  };
  const auto u32 = [&](std::string_view part, std::size_t value) {
    to.add_u32(key(part), static_cast<std::uint32_t>(value));
  };
  const auto f32 = [&](std::string_view part, double value) {
    to.add_f32(key(part), static_cast<float>(value));
  };
  u32("context_length", config.context);
  u32("embedding_length", config.width);
  u32("block_count", config.layers);
  u32("feed_forward_length", config.ffn_width);
  u32("attention.head_count", config.heads);
  u32("attention.head_count_kv", config.kv_heads);
  u32("attention.key_length", config.head_width);
  u32("attention.value_length", config.head_width);
  u32("rope.dimension_count", config.head_width);
  u32("vocab_size", config.vocabulary);
  f32("attention.layer_norm_rms_epsilon", config.norm_epsilon);
  f32("rope.freq_base", config.rope_base);
  if (config.rope_factor != 1) {
    to.add_text(key("rope.scaling.type"), "linear");
    f32("rope.scaling.factor", config.rope_factor);
  }
  if (config.window) u32("attention.sliding_window", *config.window);
  if (config.score_scale) f32("attention.scale", *config.score_scale);
  if (config.score_cap != 0) f32("attn_logit_softcapping", config.score_cap);
  if (config.logit_cap != 0) f32("final_logit_softcapping", config.logit_cap);
}

std::vector<float> rope_divisors(const FolderConfig& config) {
  if (!config.stretch) return {};
  const auto& stretch = *config.stretch;
  std::vector<float> divisors(config.head_width / 2);
  for (std::size_t n = 0; n < divisors.size(); ++n) {
    const double exponent = 2.0 * static_cast<double>(n) / static_cast<double>(config.head_width);
    const double tokens_of_a_turn = 2 * M_PI * std::pow(config.rope_base, exponent);
    const double turns = static_cast<double>(stretch.trained) / tokens_of_a_turn;
    const double kept = std::clamp((turns - stretch.low) / (stretch.high - stretch.low), 0.0, 1.0);
    divisors[n] = static_cast<float>(1 / ((1 - kept) / stretch.factor + kept));
  }
  return divisors;
}

}  // namespace dramatis::convert::internal
