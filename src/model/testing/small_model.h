// For tests: a Llama file with random weights, made in memory, of any shape.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "formats/gguf_writer.h"
#include "kernels/quantise.h"
#include "model/config.h"

namespace dramatis::model::testing {

inline constexpr ModelConfig kSmall{.layers = 2,
                                    .width = 64,
                                    .ffn_width = 96,
                                    .heads = 4,
                                    .kv_heads = 2,
                                    .head_width = 16,
                                    .vocabulary = 80,
                                    .context = 256,
                                    .rope_width = 16};

inline void add_matrix(formats::GgufWriter& to, const std::string& name,
                       std::vector<std::size_t> shape, tensor::Dtype dtype, Rng& rng) {
  std::size_t count = 1;
  for (const auto length : shape) count *= length;
  std::vector<float> values(count);
  for (auto& value : values)
    value = static_cast<float>(rng.uniform() * 2 - 1) * 0.2F + (shape.size() == 1 ? 1.0F : 0.0F);
  const auto kind = shape.size() == 1 ? tensor::Dtype::kF32 : dtype;
  to.add_tensor({.name = name,
                 .dtype = kind,
                 .shape = std::move(shape),
                 .bytes = kernels::quantise(values, kind).value()});
}

inline void add_layer(formats::GgufWriter& to, const ModelConfig& shape, std::size_t l,
                      tensor::Dtype dtype, Rng& rng) {
  const std::string b = "blk." + std::to_string(l) + ".";
  const auto d = shape.width;
  add_matrix(to, b + "attn_norm.weight", {d}, dtype, rng);
  add_matrix(to, b + "attn_q.weight", {d, shape.query_width()}, dtype, rng);
  add_matrix(to, b + "attn_k.weight", {d, shape.kv_width()}, dtype, rng);
  add_matrix(to, b + "attn_v.weight", {d, shape.kv_width()}, dtype, rng);
  add_matrix(to, b + "attn_output.weight", {shape.query_width(), d}, dtype, rng);
  add_matrix(to, b + "ffn_norm.weight", {d}, dtype, rng);
  add_matrix(to, b + "ffn_gate.weight", {d, shape.ffn_width}, dtype, rng);
  add_matrix(to, b + "ffn_up.weight", {d, shape.ffn_width}, dtype, rng);
  add_matrix(to, b + "ffn_down.weight", {shape.ffn_width, d}, dtype, rng);
}

inline void add_keys(formats::GgufWriter& to, const ModelConfig& shape) {
  const auto u32 = [&](const char* key, std::size_t value) {
    to.add_u32(key, static_cast<std::uint32_t>(value));
  };
  to.add_text("general.architecture", "llama");
  u32("llama.block_count", shape.layers);
  u32("llama.context_length", shape.context);
  u32("llama.embedding_length", shape.width);
  u32("llama.feed_forward_length", shape.ffn_width);
  u32("llama.attention.head_count", shape.heads);
  u32("llama.attention.head_count_kv", shape.kv_heads);
  u32("llama.attention.key_length", shape.head_width);
  u32("llama.attention.value_length", shape.head_width);
  to.add_f32("llama.attention.layer_norm_rms_epsilon", shape.norm_epsilon);
}

inline std::vector<std::byte> small_model(const ModelConfig& shape = kSmall,
                                          tensor::Dtype dtype = tensor::Dtype::kQ8_0) {
  formats::GgufWriter to;
  add_keys(to, shape);
  Rng rng(11);
  add_matrix(to, "token_embd.weight", {shape.width, shape.vocabulary}, dtype, rng);
  for (std::size_t l = 0; l < shape.layers; ++l) add_layer(to, shape, l, dtype, rng);
  add_matrix(to, "output_norm.weight", {shape.width}, dtype, rng);
  return to.finish().value();
}

}  // namespace dramatis::model::testing
