// Judges what a config asks for: an adapter is a plain LoRA or it is refused by name.
#include "formats/peft.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/files.h"
#include "formats/limits.h"
#include "text/json.h"

namespace dramatis::formats {
namespace {

// True of absent fields, null, false, 0 and what is empty: PEFT writes each of them for "no".
bool says_no(const text::Json* value) {
  if (value == nullptr || value->is_null()) return true;
  if (const auto* flag = value->as_bool()) return !*flag;
  if (const auto* word = value->as_string()) return word->empty();
  if (const auto* list = value->as_array()) return list->empty();
  if (const auto* map = value->as_object()) return map->empty();
  return value->as_number().value_or(1) == 0;
}

tl::unexpected<Error> unsupported(std::string_view field, std::string_view why) {
  return fail(ErrorCode::kUnsupported,
              fmt::format("adapter_config.json: {} is set; {}", field, why));
}

// A field that asks for arithmetic which is not computed here.
struct Extension {
  std::string_view field;
  std::string_view why;
};
constexpr Extension kExtensions[] = {
    {"use_dora", "DoRA's magnitudes are not computed. Merge the adapter into its model."},
    {"use_qalora", "QA-LoRA is not computed. Merge the adapter into its model."},
    {"lora_bias", "biases of adapters are not computed. Train without them."},
    {"fan_in_fan_out", "transposed weights are not read. Save it for linear layers."},
    {"alpha_pattern", "an alpha for each module is not read. Train with one."},
    {"modules_to_save", "whole modules are not read from an adapter. Merge it into its model."},
    {"layer_replication", "repeated layers are not computed. Merge the adapter into its model."},
    {"trainable_token_indices", "trained tokens are not read. Merge the adapter into its model."},
    {"target_parameters", "adapted parameters of experts are not computed."}};

Status check_kind(const text::Json& config) {
  const auto* kind = config.find("peft_type");
  if (kind == nullptr || kind->as_string() == nullptr)
    return fail(ErrorCode::kNotFound, "adapter_config.json names no peft_type.");
  if (*kind->as_string() != "LORA")
    return unsupported("peft_type", "only \"LORA\" is computed. Train a LoRA.");
  for (const auto& [field, why] : kExtensions) {
    if (!says_no(config.find(field))) return unsupported(field, why);
  }
  const auto* bias = config.find("bias");
  const auto* word = bias == nullptr ? nullptr : bias->as_string();
  if (!says_no(bias) && (word == nullptr || *word != "none"))
    return unsupported("bias", "trained biases are not read. Train with bias: none.");
  return {};
}

// PiSSA, OLoRA, CorDA and LoftQ take something off the base's weights before training, so their
// adapters do not fit the base as it was published.
Status check_beginning(const text::Json& config) {
  const auto* beginning = config.find("init_lora_weights");
  if (beginning == nullptr || beginning->is_null() || beginning->as_bool() != nullptr) return {};
  constexpr std::string_view kKeepTheBase[] = {"gaussian", "eva", "orthogonal"};
  const auto* word = beginning->as_string();
  if (word != nullptr && std::ranges::find(kKeepTheBase, *word) != std::end(kKeepTheBase))
    return {};
  return unsupported("init_lora_weights",
                     "it changed the base too. Convert the adapter to a plain LoRA when saving.");
}

}  // namespace

Result<PeftConfig> parse_peft_config(std::string_view json) {
  auto parsed = text::parse_json(json);
  if (!parsed) return fail(ErrorCode::kCorrupt, "adapter_config.json: " + parsed.error().what);
  if (parsed->as_object() == nullptr)
    return fail(ErrorCode::kCorrupt, "adapter_config.json is no JSON object.");
  DRAMATIS_DO(check_kind(*parsed));
  DRAMATIS_DO(check_beginning(*parsed));
  PeftConfig config;
  const auto* rank = parsed->find("r");
  const auto* alpha = parsed->find("lora_alpha");
  if (rank == nullptr || alpha == nullptr)
    return fail(ErrorCode::kNotFound, "adapter_config.json must have r and lora_alpha.");
  const std::int64_t* whole = rank->as_int();
  if (whole == nullptr || *whole < 1 || *whole > static_cast<std::int64_t>(kMaxLoraRank)) {
    return fail(
        ErrorCode::kCorrupt,
        fmt::format("adapter_config.json: r must be a whole number from 1 to {}.", kMaxLoraRank));
  }
  config.rank = static_cast<std::size_t>(*whole);
  const auto number = alpha->as_number();
  if (!number || !std::isfinite(*number) || *number < 0)
    return fail(ErrorCode::kCorrupt, "adapter_config.json: lora_alpha must be a number from 0 on.");
  config.alpha = *number;
  if (!says_no(parsed->find("use_rslora"))) config.scaling = LoraScaling::kByRootOfRank;
  if (!says_no(parsed->find("rank_pattern"))) config.ranks = LoraRanks::kByTensor;
  const auto* base = parsed->find("base_model_name_or_path");
  if (base != nullptr && base->as_string() != nullptr) config.base = *base->as_string();
  return config;
}

Result<PeftFolder> read_peft(const std::filesystem::path& folder) {
  const auto weights = folder / "adapter_model.safetensors";
  std::error_code ignored;  // a file that cannot be looked at is reported when it is read
  if (!std::filesystem::exists(weights, ignored) &&
      std::filesystem::exists(folder / "adapter_model.bin", ignored)) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("{}: pickled weights can run code and are not read. Save the adapter "
                            "as adapter_model.safetensors.",
                            (folder / "adapter_model.bin").string()));
  }
  DRAMATIS_TRY(const auto json,
               read_text_file(folder / "adapter_config.json", kMaxPeftConfigBytes));
  auto config = parse_peft_config(json);
  if (!config)
    return fail(config.error().code, fmt::format("{}: {}", folder.string(), config.error().what));
  DRAMATIS_TRY(auto bytes, read_file(weights, kMaxAdapterBytes));
  auto tensors = Safetensors::parse(std::move(bytes));
  if (!tensors)
    return fail(tensors.error().code,
                fmt::format("{}: {}", weights.string(), tensors.error().what));
  return PeftFolder{.config = *std::move(config), .tensors = *std::move(tensors)};
}

}  // namespace dramatis::formats
