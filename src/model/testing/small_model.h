// For tests: a model file with random weights, made in memory, of any shape and family.
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

// The same of another family; what its files must have besides is made too.
inline ModelConfig small_of(std::string_view architecture) {
  ModelConfig shape = kSmall;
  shape.architecture = architecture;
  shape.input_biases = architecture == "qwen2" ? Part::kPresent : Part::kAbsent;
  shape.head_norms = architecture == "qwen3" ? Part::kPresent : Part::kAbsent;
  shape.output_norms = architecture == "gemma2" ? Part::kPresent : Part::kAbsent;
  shape.window = architecture == "gemma2" ? 24 : 0;
  return shape;
}

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
  if (shape.input_biases == Part::kPresent) {
    add_matrix(to, b + "attn_q.bias", {shape.query_width()}, dtype, rng);
    add_matrix(to, b + "attn_k.bias", {shape.kv_width()}, dtype, rng);
    add_matrix(to, b + "attn_v.bias", {shape.kv_width()}, dtype, rng);
  }
  if (shape.head_norms == Part::kPresent) {
    add_matrix(to, b + "attn_q_norm.weight", {shape.head_width}, dtype, rng);
    add_matrix(to, b + "attn_k_norm.weight", {shape.head_width}, dtype, rng);
  }
  if (shape.output_norms == Part::kPresent) {
    add_matrix(to, b + "post_attention_norm.weight", {d}, dtype, rng);
    add_matrix(to, b + "post_ffw_norm.weight", {d}, dtype, rng);
  }
  add_matrix(to, b + "attn_output.weight", {shape.query_width(), d}, dtype, rng);
  add_matrix(to, b + "ffn_norm.weight", {d}, dtype, rng);
  add_matrix(to, b + "ffn_gate.weight", {d, shape.ffn_width}, dtype, rng);
  add_matrix(to, b + "ffn_up.weight", {d, shape.ffn_width}, dtype, rng);
  add_matrix(to, b + "ffn_down.weight", {shape.ffn_width, d}, dtype, rng);
}

inline void add_keys(formats::GgufWriter& to, const ModelConfig& shape) {
  const std::string prefix = std::string(shape.architecture) + ".";
  const auto u32 = [&](const char* part, std::size_t value) {
    to.add_u32(prefix + part, static_cast<std::uint32_t>(value));
  };
  to.add_text("general.architecture", shape.architecture);
  u32("block_count", shape.layers);
  u32("context_length", shape.context);
  u32("embedding_length", shape.width);
  u32("feed_forward_length", shape.ffn_width);
  u32("attention.head_count", shape.heads);
  u32("attention.head_count_kv", shape.kv_heads);
  u32("attention.key_length", shape.head_width);
  u32("attention.value_length", shape.head_width);
  if (shape.window > 0) u32("attention.sliding_window", shape.window);
  to.add_f32(prefix + "attention.layer_norm_rms_epsilon", shape.norm_epsilon);
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
