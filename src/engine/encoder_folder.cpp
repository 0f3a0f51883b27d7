// Takes what the files say, and refuses what would make other vectors than their authors meant.
#include "engine/encoder_folder.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.h"
#include "engine/limits.h"
#include "text/json_file.h"
#include "text/utf8.h"

namespace dramatis::engine {
namespace {

constexpr std::string_view kConfig = "config.json";
constexpr std::string_view kSentence = "sentence_bert_config.json";
constexpr std::string_view kModules = "modules.json";
constexpr std::string_view kPooling = "1_Pooling/config.json";
constexpr std::string_view kPoolingFolder = "1_Pooling";

tl::unexpected<Error> corrupt(std::string_view place, std::string_view what) {
  return fail(ErrorCode::kCorrupt, fmt::format("{}: {}.", place, what));
}

// A foreign word as an error repeats it.
std::string shown(std::string_view word) {
  return text::print_json(text::Json(text::repair_utf8(word.substr(0, kMaxShownBytes))));
}

// A whole number that must be there.
Status take_count(const text::Json& object, std::string_view key, std::size_t& out) {
  const auto* member = object.find(key);
  const auto* number = member == nullptr ? nullptr : member->as_int();
  if (number == nullptr || *number < 0) {
    return corrupt(kConfig, fmt::format("{} is no whole number", key));
  }
  out = static_cast<std::size_t>(*number);
  return {};
}

// An absent member is what BERT has.
Status want_word(const text::Json& object, std::string_view key, std::string_view wanted) {
  const auto* member = object.find(key);
  if (member == nullptr || member->is_null()) return {};
  const auto* word = member->as_string();
  if (word == nullptr) return corrupt(kConfig, fmt::format("{} is no word", key));
  if (*word == wanted) return {};
  return fail(ErrorCode::kUnsupported, fmt::format("{}: {} is {}; only \"{}\" is computed.",
                                                   kConfig, key, shown(*word), wanted));
}

// Empty where there is no such file.
Result<std::string> read_if_there(const std::filesystem::path& path) {
  auto bytes = read_text_file(path, kMaxEncoderJsonBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) return std::string();
  return bytes;
}

bool is_true(const text::Json& value) {
  const auto* truth = value.as_bool();
  return truth != nullptr && *truth;
}

// "sentence_transformers.models.Pooling" -> "Pooling".
std::string_view last_name(std::string_view type) {
  return type.substr(type.rfind('.') + 1);
}

Status check_module(const text::Json& module) {
  const auto* type = module.find("type");
  const auto* words = type == nullptr ? nullptr : type->as_string();
  if (words == nullptr) return corrupt(kModules, "a module has no type");
  const auto name = last_name(*words);
  if (name != "Transformer" && name != "Pooling" && name != "Normalize") {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{}: the module {} is not computed.", kModules, shown(name)));
  }
  if (name != "Pooling") return {};
  const auto* path = module.find("path");
  const auto* folder = path == nullptr ? nullptr : path->as_string();
  if (folder != nullptr && *folder == kPoolingFolder) return {};
  return fail(
      ErrorCode::kUnsupported,
      fmt::format("{}: the Pooling module lies elsewhere than in {}.", kModules, kPoolingFolder));
}

}  // namespace

Result<model::BertConfig> parse_bert_config(std::string_view json) {
  DRAMATIS_TRY(const auto parsed, text::parse_json_file(json, kConfig, kMaxEncoderJsonBytes));
  if (parsed.as_object() == nullptr) return corrupt(kConfig, "this is no object");
  if (parsed.find("model_type") == nullptr) return corrupt(kConfig, "model_type is missing");
  DRAMATIS_DO(want_word(parsed, "model_type", "bert"));
  DRAMATIS_DO(want_word(parsed, "hidden_act", "gelu"));
  DRAMATIS_DO(want_word(parsed, "position_embedding_type", "absolute"));
  const auto* decoder = parsed.find("is_decoder");
  if (decoder != nullptr && is_true(*decoder)) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{}: is_decoder is true; only encoders are computed.", kConfig));
  }
  model::BertConfig config;
  DRAMATIS_DO(take_count(parsed, "num_hidden_layers", config.layers));
  DRAMATIS_DO(take_count(parsed, "hidden_size", config.width));
  DRAMATIS_DO(take_count(parsed, "intermediate_size", config.ffn_width));
  DRAMATIS_DO(take_count(parsed, "num_attention_heads", config.heads));
  DRAMATIS_DO(take_count(parsed, "vocab_size", config.vocabulary));
  DRAMATIS_DO(take_count(parsed, "max_position_embeddings", config.context));
  DRAMATIS_DO(take_count(parsed, "type_vocab_size", config.types));
  if (const auto* epsilon = parsed.find("layer_norm_eps")) {
    const auto number = epsilon->as_number();
    if (!number) return corrupt(kConfig, "layer_norm_eps is no number");
    config.norm_epsilon = *number;
  }
  DRAMATIS_DO(model::validate(config));
  return config;
}

Result<std::optional<std::size_t>> parse_longest_text(std::string_view json) {
  DRAMATIS_TRY(const auto parsed, text::parse_json_file(json, kSentence, kMaxEncoderJsonBytes));
  const auto* longest = parsed.find("max_seq_length");
  if (longest == nullptr || longest->is_null()) return std::nullopt;
  const auto* number = longest->as_int();
  // The first and the last token, and one of the text.
  constexpr std::int64_t kLeast = 3;
  if (number == nullptr || *number < kLeast) {
    return corrupt(kSentence,
                   fmt::format("max_seq_length is no whole number of {} or more", kLeast));
  }
  return static_cast<std::size_t>(*number);
}

Status check_modules(std::string_view json) {
  DRAMATIS_TRY(const auto parsed, text::parse_json_file(json, kModules, kMaxEncoderJsonBytes));
  const auto* modules = parsed.as_array();
  if (modules == nullptr) return corrupt(kModules, "this is no list");
  for (const auto& module : *modules) DRAMATIS_DO(check_module(module));
  return {};
}

Status check_pooling(std::string_view json) {
  DRAMATIS_TRY(const auto parsed, text::parse_json_file(json, kPooling, kMaxEncoderJsonBytes));
  const auto* members = parsed.as_object();
  if (members == nullptr) return corrupt(kPooling, "this is no object");
  constexpr std::string_view kMean = "pooling_mode_mean_tokens";
  bool has_mean = false;
  for (const auto& [key, value] : *members) {
    const auto* word = value.as_string();
    const bool is_mean = key == kMean ? is_true(value) : word != nullptr && *word == "mean";
    if (key == kMean || key == "pooling_mode") {
      has_mean = has_mean || is_mean;
    } else if (key.starts_with("pooling_mode_") && is_true(value)) {
      return fail(ErrorCode::kUnsupported,
                  fmt::format("{}: {} is asked for; only the mean of the tokens is computed.",
                              kPooling, shown(key)));
    }
  }
  if (has_mean) return {};
  return fail(ErrorCode::kUnsupported,
              fmt::format("{}: the mean of the tokens is not asked for; nothing else is computed.",
                          kPooling));
}

Result<EncoderShape> read_encoder_shape(const std::filesystem::path& folder) {
  DRAMATIS_TRY(const auto config, read_text_file(folder / kConfig, kMaxEncoderJsonBytes));
  DRAMATIS_TRY(const auto sentence, read_if_there(folder / kSentence));
  DRAMATIS_TRY(const auto modules, read_if_there(folder / kModules));
  DRAMATIS_TRY(const auto pooling, read_if_there(folder / kPooling));
  EncoderShape shape;
  DRAMATIS_TRY(shape.config, parse_bert_config(config));
  shape.most_tokens = shape.config.context;
  if (!sentence.empty()) {
    DRAMATIS_TRY(const auto longest, parse_longest_text(sentence));
    shape.most_tokens = std::min(shape.most_tokens, longest.value_or(shape.most_tokens));
  }
  if (!modules.empty()) DRAMATIS_DO(check_modules(modules));
  if (!pooling.empty()) DRAMATIS_DO(check_pooling(pooling));
  return shape;
}

}  // namespace dramatis::engine
