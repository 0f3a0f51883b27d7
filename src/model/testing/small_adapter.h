// For tests: adapters with random numbers in both formats, and the model that merging one gives.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "base/random.h"
#include "formats/peft.h"
#include "model/adapter.h"
#include "model/testing/small_model.h"

namespace dramatis::model::testing {

// A matrix of a layer: its names, its size, and the heads whose rows PEFT has in halves (0: none).
struct SmallMatrix {
  std::string gguf;
  std::string peft;
  std::size_t rows;
  std::size_t columns;
  std::size_t heads = 0;
};

inline std::vector<SmallMatrix> matrices_of(const ModelConfig& shape, std::size_t l) {
  const std::string g = "blk." + std::to_string(l) + ".";
  const std::string p = "base_model.model.model.layers." + std::to_string(l) + ".";
  const auto d = shape.width;
  const bool halves = shape.architecture == "llama";
  return {{g + "attn_q", p + "self_attn.q_proj", shape.query_width(), d, halves ? shape.heads : 0},
          {g + "attn_k", p + "self_attn.k_proj", shape.kv_width(), d, halves ? shape.kv_heads : 0},
          {g + "attn_v", p + "self_attn.v_proj", shape.kv_width(), d},
          {g + "attn_output", p + "self_attn.o_proj", d, shape.query_width()},
          {g + "ffn_gate", p + "mlp.gate_proj", shape.ffn_width, d},
          {g + "ffn_up", p + "mlp.up_proj", shape.ffn_width, d},
          {g + "ffn_down", p + "mlp.down_proj", d, shape.ffn_width}};
}

// The halves of one addition, with B's rows as PEFT has them.
struct SmallPair {
  SmallMatrix matrix;
  std::size_t rank;
  std::vector<float> a;  // [rank, columns]
  std::vector<float> b;  // [rows, rank]
};

inline std::vector<SmallPair> small_pairs(const ModelConfig& shape, std::size_t rank,
                                          std::uint64_t seed) {
  Rng rng(seed);
  const auto numbers = [&rng](std::size_t count) {
    std::vector<float> made(count);
    for (auto& value : made) value = static_cast<float>(rng.uniform() * 2 - 1) * 0.2F;
    return made;
  };
  std::vector<SmallPair> pairs;
  for (std::size_t l = 0; l < shape.layers; ++l) {
    for (auto& matrix : matrices_of(shape, l)) {
      auto a = numbers(rank * matrix.columns);
      auto b = numbers(matrix.rows * rank);
      pairs.push_back({std::move(matrix), rank, std::move(a), std::move(b)});
    }
  }
  return pairs;
}

// What llama.cpp's converter does with heads: reshape(heads, 2, half, ...), swap the middle two.
// The row of a GGUF file that PEFT's row `r` becomes.
inline std::size_t gguf_row(const SmallMatrix& matrix, std::size_t r) {
  if (matrix.heads == 0) return r;
  const std::size_t width = matrix.rows / matrix.heads;
  const std::size_t h = r / width;
  const std::size_t half = r % width / (width / 2);
  const std::size_t pair = r % (width / 2);
  return h * width + pair * 2 + half;
}

// B with its rows as a GGUF file has them.
inline std::vector<float> gguf_b(const SmallPair& pair) {
  std::vector<float> made(pair.b.size());
  for (std::size_t r = 0; r < pair.matrix.rows; ++r) {
    std::memcpy(&made[gguf_row(pair.matrix, r) * pair.rank], &pair.b[r * pair.rank],
                pair.rank * sizeof(float));
  }
  return made;
}

inline formats::GgufWriter adapter_keys(std::string_view architecture, float alpha) {
  formats::GgufWriter to;
  to.add_text("general.type", "adapter");
  to.add_text("general.architecture", std::string(architecture));
  to.add_text("adapter.type", "lora");
  to.add_f32("adapter.lora.alpha", alpha);
  return to;
}
inline void add_half(formats::GgufWriter& to, const std::string& name,
                     std::vector<std::size_t> shape, const std::vector<float>& numbers,
                     tensor::Dtype dtype = tensor::Dtype::kF32) {
  to.add_tensor({.name = name,
                 .dtype = dtype,
                 .shape = std::move(shape),
                 .bytes = kernels::quantise(numbers, dtype).value()});
}
inline std::vector<std::byte> gguf_adapter(std::string_view architecture,
                                           const std::vector<SmallPair>& pairs, float alpha) {
  auto to = adapter_keys(architecture, alpha);
  for (const auto& pair : pairs) {
    const auto name = pair.matrix.gguf + ".weight.";
    add_half(to, name + "lora_a", {pair.matrix.columns, pair.rank}, pair.a);
    add_half(to, name + "lora_b", {pair.rank, pair.matrix.rows}, gguf_b(pair));
  }
  return to.finish().value();
}

inline formats::PeftFolder peft_folder(const std::vector<formats::SafeTensor>& tensors,
                                       std::size_t rank, double alpha) {
  auto parsed = formats::Safetensors::parse(formats::write_safetensors(tensors, {})).value();
  formats::PeftConfig config;
  config.rank = rank;
  config.alpha = alpha;
  return {.config = std::move(config), .tensors = std::move(parsed)};
}
inline formats::PeftFolder peft_adapter(const std::vector<SmallPair>& pairs, double alpha) {
  std::vector<formats::SafeTensor> tensors;
  for (const auto& pair : pairs) {
    tensors.push_back({.name = pair.matrix.peft + ".lora_A.weight",
                       .dtype = formats::SafeDtype::kF32,
                       .shape = {pair.rank, pair.matrix.columns},
                       .bytes = std::as_bytes(std::span(pair.a))});
    tensors.push_back({.name = pair.matrix.peft + ".lora_B.weight",
                       .dtype = formats::SafeDtype::kF32,
                       .shape = {pair.matrix.rows, pair.rank},
                       .bytes = std::as_bytes(std::span(pair.b))});
  }
  return peft_folder(tensors, pairs.front().rank, alpha);
}

// The model file with scale * B A added to its matrices, in double precision.
inline std::vector<std::byte> merged_model(const ModelConfig& shape, std::vector<std::byte> model,
                                           const std::vector<SmallPair>& pairs, double scale) {
  const auto file = formats::Gguf::parse(std::move(model)).value();
  formats::GgufWriter to;
  add_keys(to, shape);
  for (const auto& tensor : file.tensors()) {
    std::vector<std::byte> bytes(tensor.bytes.begin(), tensor.bytes.end());
    for (const auto& pair : pairs) {
      if (pair.matrix.gguf + ".weight" != tensor.name) continue;
      for (std::size_t r = 0; r < pair.matrix.rows; ++r) {
        for (std::size_t c = 0; c < pair.matrix.columns; ++c) {
          double sum = 0;
          for (std::size_t n = 0; n < pair.rank; ++n)
            sum += static_cast<double>(pair.b[r * pair.rank + n]) *
                   static_cast<double>(pair.a[n * pair.matrix.columns + c]);
          const auto at = (gguf_row(pair.matrix, r) * pair.matrix.columns + c) * sizeof(float);
          float value = 0;
          std::memcpy(&value, bytes.data() + at, sizeof value);
          value = static_cast<float>(static_cast<double>(value) + scale * sum);
          std::memcpy(bytes.data() + at, &value, sizeof value);
        }
      }
    }
    to.add_tensor({.name = tensor.name,
                   .dtype = tensor.dtype,
                   .shape = tensor.shape,
                   .bytes = std::move(bytes)});
  }
  return to.finish().value();
}

}  // namespace dramatis::model::testing
