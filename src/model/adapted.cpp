// Names of tensors -> places in a model.
#include "model/internal/adapted.h"

#include <charconv>

#include "base/check.h"

namespace dramatis::model::internal {
namespace {

struct Names {
  Adapted which;
  std::string_view gguf;
  std::string_view peft;
};
constexpr Names kNames[kAdaptedMatrices] = {
    {Adapted::kQuery, "attn_q", "self_attn.q_proj"},
    {Adapted::kKey, "attn_k", "self_attn.k_proj"},
    {Adapted::kValue, "attn_v", "self_attn.v_proj"},
    {Adapted::kAttentionOut, "attn_output", "self_attn.o_proj"},
    {Adapted::kGate, "ffn_gate", "mlp.gate_proj"},
    {Adapted::kUp, "ffn_up", "mlp.up_proj"},
    {Adapted::kDown, "ffn_down", "mlp.down_proj"}};

bool take(std::string_view& from, std::string_view prefix) {
  if (!from.starts_with(prefix)) return false;
  from.remove_prefix(prefix.size());
  return true;
}

// Digits and a dot, without leading zeros, so that each layer has one name.
std::optional<std::size_t> take_layer(std::string_view& from) {
  std::size_t layer = 0;
  const char* end = from.data() + from.size();
  const auto [stopped, error] = std::from_chars(from.data(), end, layer);
  if (error != std::errc{} || stopped == end || *stopped != '.') return std::nullopt;
  const auto digits = static_cast<std::size_t>(stopped - from.data());
  if (digits > 1 && from.front() == '0') return std::nullopt;
  from.remove_prefix(digits + 1);
  return layer;
}

// What is left after the layer: the matrix, then one of the endings of A and B.
std::optional<LoraPlace> place(std::size_t layer, std::string_view rest,
                               std::string_view Names::*name, std::string_view ending_a,
                               std::string_view ending_b) {
  for (const auto& names : kNames) {
    std::string_view ending = rest;
    if (!take(ending, names.*name)) continue;
    if (ending == ending_a) return LoraPlace{layer, names.which, LoraHalf::kA};
    if (ending == ending_b) return LoraPlace{layer, names.which, LoraHalf::kB};
  }
  return std::nullopt;
}

}  // namespace

MatrixSize size_of(const ModelConfig& config, Adapted which) {
  switch (which) {
    case Adapted::kQuery:
      return {.rows = config.query_width(), .columns = config.width};
    case Adapted::kKey:
    case Adapted::kValue:
      return {.rows = config.kv_width(), .columns = config.width};
    case Adapted::kAttentionOut:
      return {.rows = config.width, .columns = config.query_width()};
    case Adapted::kGate:
    case Adapted::kUp:
      return {.rows = config.ffn_width, .columns = config.width};
    case Adapted::kDown:
      return {.rows = config.width, .columns = config.ffn_width};
  }
  check_failed("an adapted matrix", __FILE__, __LINE__);
}

std::string_view name_of(Adapted which) {
  return kNames[static_cast<std::size_t>(which)].gguf;
}

std::optional<LoraPlace> place_of_gguf(std::string_view name) {
  if (!take(name, "blk.")) return std::nullopt;
  const auto layer = take_layer(name);
  if (!layer) return std::nullopt;
  return place(*layer, name, &Names::gguf, ".weight.lora_a", ".weight.lora_b");
}

std::optional<LoraPlace> place_of_peft(std::string_view name) {
  if (!take(name, "base_model.model.")) return std::nullopt;
  take(name, "model.");  // absent where the model was saved without its head
  if (!take(name, "layers.")) return std::nullopt;
  const auto layer = take_layer(name);
  if (!layer) return std::nullopt;
  return place(*layer, name, &Names::peft, ".lora_A.weight", ".lora_B.weight");
}

}  // namespace dramatis::model::internal
