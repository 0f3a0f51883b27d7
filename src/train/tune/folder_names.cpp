// Names by table, rows by head.
#include "train/tune/folder_names.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace dramatis::train::tune {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kTops = {
    {{"token_embd.weight", "model.embed_tokens.weight"},
     {"output_norm.weight", "model.norm.weight"},
     {"output.weight", "lm_head.weight"}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kParts = {
    {{"attn_norm", "input_layernorm"},
     {"ffn_norm", "post_attention_layernorm"},
     {"attn_q", "self_attn.q_proj"},
     {"attn_k", "self_attn.k_proj"},
     {"attn_v", "self_attn.v_proj"},
     {"attn_output", "self_attn.o_proj"},
     {"ffn_gate", "mlp.gate_proj"},
     {"ffn_up", "mlp.up_proj"},
     {"ffn_down", "mlp.down_proj"}}};

// "blk.3.attn_q.weight" in its parts: "3", "attn_q", "weight".
struct LayerName {
  std::string_view layer{};
  std::string_view part{};
  std::string_view rest{};
};

LayerName parted(std::string_view name) {
  constexpr std::string_view kBlock = "blk.";
  if (!name.starts_with(kBlock)) return {};
  name.remove_prefix(kBlock.size());
  const auto layer_end = name.find('.');
  if (layer_end == std::string_view::npos) return {};
  const auto part_end = name.find('.', layer_end + 1);
  if (part_end == std::string_view::npos) return {};
  return {.layer = name.substr(0, layer_end),
          .part = name.substr(layer_end + 1, part_end - layer_end - 1),
          .rest = name.substr(part_end + 1)};
}

}  // namespace

Result<std::string> folder_name(std::string_view gguf) {
  for (const auto& [from, to] : kTops) {
    if (from == gguf) return std::string(to);
  }
  const auto name = parted(gguf);
  for (const auto& [from, to] : kParts) {
    if (from == name.part) return fmt::format("model.layers.{}.{}.{}", name.layer, to, name.rest);
  }
  return fail(ErrorCode::kInternal, fmt::format("The tensor {} has no name in a folder.", gguf));
}

torch::Tensor in_folder_order(std::string_view gguf, const torch::Tensor& tensor,
                              const NetworkShape& shape) {
  const auto name = parted(gguf);
  const bool is_rotated = name.part == "attn_q" || name.part == "attn_k";
  // The rows of A are ranks, not places in a head.
  if (!is_rotated || shape.rotates_halves || name.rest.ends_with("lora_a")) return tensor;
  const auto width = static_cast<std::int64_t>(shape.sizes.head_width);
  const auto heads = tensor.size(0) / width;
  // Place 2j + p of a head goes to p * width / 2 + j.
  auto pairs = tensor.detach().reshape({heads, width / 2, 2, -1});
  return pairs.transpose(1, 2).contiguous().view_as(tensor);
}

Result<Named> for_folder(const Parameters& tensors, const NetworkShape& shape) {
  Named named;
  for (const auto& [gguf, tensor] : tensors) {
    DRAMATIS_TRY(auto name, folder_name(gguf));
    named.emplace_back(std::move(name), in_folder_order(gguf, tensor, shape));
  }
  return named;
}

}  // namespace dramatis::train::tune
