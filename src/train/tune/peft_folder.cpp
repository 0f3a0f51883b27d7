// Renames, puts rows back, says what it is.
#include "train/tune/peft_folder.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/files.h"
#include "text/json.h"
#include "train/tensors.h"
#include "train/tune/folder_names.h"

namespace dramatis::train::tune {
namespace {

using text::Json;
using text::JsonArray;
using text::JsonObject;

std::string config_of(const Lora& lora, std::string_view base) {
  JsonArray modules;
  for (const auto& target : targets()) {
    const bool is_chosen =
        std::find(lora.targets.begin(), lora.targets.end(), target.recipe) != lora.targets.end();
    if (!is_chosen) continue;
    // The last part is enough: no other module of a layer has that name.
    modules.push_back(std::string(target.peft.substr(target.peft.find('.') + 1)));
  }
  return text::print_json(Json(JsonObject{{"peft_type", "LORA"},
                                          {"task_type", "CAUSAL_LM"},
                                          {"base_model_name_or_path", base},
                                          {"r", lora.rank},
                                          {"lora_alpha", lora.alpha},
                                          {"lora_dropout", lora.dropout},
                                          {"use_rslora", lora.by_root},
                                          {"use_dora", false},
                                          {"target_modules", std::move(modules)},
                                          {"bias", "none"},
                                          {"fan_in_fan_out", false},
                                          {"init_lora_weights", true},
                                          {"inference_mode", true},
                                          {"modules_to_save", Json()},
                                          {"layers_to_transform", Json()},
                                          {"layers_pattern", Json()},
                                          {"rank_pattern", JsonObject{}},
                                          {"alpha_pattern", JsonObject{}},
                                          {"auto_mapping", Json()},
                                          {"revision", Json()}})) +
         "\n";
}

// "blk.0.attn_q.weight.lora_a" -> "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight".
Result<std::string> peft_name(std::string_view learnt) {
  constexpr std::string_view kWeight = ".weight";
  const auto half = learnt.substr(learnt.rfind('.') + 1);
  DRAMATIS_TRY(auto module, folder_name(learnt.substr(0, learnt.rfind('.'))));
  module.resize(module.size() - kWeight.size());
  return fmt::format("base_model.model.{}.lora_{}.weight", module, half == "lora_a" ? "A" : "B");
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

Result<PeftParts> peft_parts(const Network& network, const Lora& lora, std::string_view base,
                             formats::SafeDtype dtype) {
  Named named;
  for (const auto& [learnt, tensor] : network.learnt()) {
    DRAMATIS_TRY(auto name, peft_name(learnt));
    named.emplace_back(std::move(name), in_folder_order(learnt, tensor, network.shape()));
  }
  return PeftParts{.config = config_of(lora, base),
                   .tensors = pack_tensors(named, dtype, {{"format", "pt"}})};
}

Status write_peft(const std::filesystem::path& folder, const PeftParts& parts) {
  DRAMATIS_DO(write_file(folder / "adapter_model.safetensors", parts.tensors));
  return write_file(folder / "adapter_config.json", bytes_of(parts.config));
}

Result<formats::PeftFolder> as_read(const PeftParts& parts) {
  DRAMATIS_TRY(auto config, formats::parse_peft_config(parts.config));
  DRAMATIS_TRY(auto tensors, formats::Safetensors::parse(parts.tensors));
  return formats::PeftFolder{.config = std::move(config), .tensors = std::move(tensors)};
}

}  // namespace dramatis::train::tune
