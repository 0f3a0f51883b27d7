// Names of transformers' modules by family.
#include "convert/internal/tensor_places.h"

#include <charconv>

#include <fmt/format.h>

#include "text/utterance.h"

namespace dramatis::convert::internal {
namespace {

tl::unexpected<Error> no_place(std::string_view name, std::string_view why) {
  return fail(ErrorCode::kUnsupported,
              fmt::format("Tensor {} {}.", text::printable(name).substr(0, 120), why));
}

struct Row {
  std::string_view from;
  std::string_view to;
  std::size_t rows;
  std::size_t columns;  // 0: a vector
  std::size_t heads;    // whose rows are permuted where the family is
};

// Norms stand elsewhere in gemma2, which has more of them.
std::vector<Row> norm_rows(const FolderConfig& c) {
  std::vector<Row> rows = {{"input_layernorm.weight", "attn_norm.weight", c.width, 0, 0},
                           {"self_attn.q_norm.weight", "attn_q_norm.weight", c.head_width, 0, 0},
                           {"self_attn.k_norm.weight", "attn_k_norm.weight", c.head_width, 0, 0}};
  if (!c.is_gemma()) {
    rows.push_back({"post_attention_layernorm.weight", "ffn_norm.weight", c.width, 0, 0});
    return rows;
  }
  rows.push_back({"post_attention_layernorm.weight", "post_attention_norm.weight", c.width, 0, 0});
  rows.push_back({"pre_feedforward_layernorm.weight", "ffn_norm.weight", c.width, 0, 0});
  rows.push_back({"post_feedforward_layernorm.weight", "post_ffw_norm.weight", c.width, 0, 0});
  return rows;
}

std::vector<Row> layer_rows(const FolderConfig& c) {
  const std::size_t queries = c.heads * c.head_width;
  const std::size_t keys = c.kv_heads * c.head_width;
  std::vector<Row> rows = {{"self_attn.q_proj.weight", "attn_q.weight", queries, c.width, c.heads},
                           {"self_attn.k_proj.weight", "attn_k.weight", keys, c.width, c.kv_heads},
                           {"self_attn.v_proj.weight", "attn_v.weight", keys, c.width, 0},
                           {"self_attn.o_proj.weight", "attn_output.weight", c.width, queries, 0},
                           {"self_attn.q_proj.bias", "attn_q.bias", queries, 0, c.heads},
                           {"self_attn.k_proj.bias", "attn_k.bias", keys, 0, c.kv_heads},
                           {"self_attn.v_proj.bias", "attn_v.bias", keys, 0, 0},
                           {"mlp.gate_proj.weight", "ffn_gate.weight", c.ffn_width, c.width, 0},
                           {"mlp.up_proj.weight", "ffn_up.weight", c.ffn_width, c.width, 0},
                           {"mlp.down_proj.weight", "ffn_down.weight", c.width, c.ffn_width, 0}};
  const auto norms = norm_rows(c);
  rows.insert(rows.end(), norms.begin(), norms.end());
  return rows;
}

TensorPlace place_of(const FolderConfig& config, const Row& row, std::string name) {
  TensorPlace place{.name = std::move(name), .shape = {row.rows}};
  if (row.columns > 0) place.shape.push_back(row.columns);
  if (row.heads > 0 && config.is_permuted()) {
    place.treatment = Treatment::kPermute;
    place.heads = row.heads;
  }
  if (config.is_gemma() && row.to.ends_with("norm.weight")) place.treatment = Treatment::kPlusOne;
  return place;
}

}  // namespace

Result<std::optional<TensorPlace>> find_place(const FolderConfig& config, std::string_view name) {
  if (name.ends_with("rotary_emb.inv_freq")) return std::optional<TensorPlace>();
  const Row tops[] = {
      {"model.embed_tokens.weight", "token_embd.weight", config.vocabulary, config.width, 0},
      {"model.norm.weight", "output_norm.weight", config.width, 0, 0},
      {"lm_head.weight", "output.weight", config.vocabulary, config.width, 0}};
  for (const auto& row : tops) {
    if (row.from != name) continue;
    if (row.to == "output.weight" && config.is_tied) return std::optional<TensorPlace>();
    return std::optional(place_of(config, row, std::string(row.to)));
  }
  constexpr std::string_view kLayers = "model.layers.";
  if (!name.starts_with(kLayers)) return no_place(name, "has no place in this kind of model");
  const auto rest = name.substr(kLayers.size());
  std::size_t layer = 0;
  const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), layer);
  const auto digits = static_cast<std::size_t>(end - rest.data());
  if (failed != std::errc{} || digits >= rest.size() || rest[digits] != '.' ||
      layer >= config.layers)
    return no_place(name, fmt::format("lies in none of the {} layers", config.layers));
  for (const auto& row : layer_rows(config)) {
    if (row.from == rest.substr(digits + 1))
      return std::optional(place_of(config, row, fmt::format("blk.{}.{}", layer, row.to)));
  }
  return no_place(name, "has no place in this kind of model");
}

}  // namespace dramatis::convert::internal
