// For tests: a BERT encoder with random weights, as the bytes of a safetensors file.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "formats/safetensors.h"
#include "kernels/quantise.h"
#include "model/bert.h"

namespace dramatis::model::testing {

inline constexpr BertConfig kSmallBert{.layers = 2,
                                       .width = 24,
                                       .ffn_width = 40,
                                       .heads = 3,
                                       .vocabulary = 50,
                                       .context = 32,
                                       .types = 2,
                                       .norm_epsilon = 1e-12};

// Tensors by name, for a test to change before they are written.
struct SmallBert {
  struct Tensor {
    std::vector<std::size_t> shape;
    std::vector<float> numbers;
  };
  std::map<std::string, Tensor> tensors;
};

inline SmallBert small_bert(const BertConfig& config, std::uint64_t seed = 1) {
  SmallBert made;
  Rng rng(seed);
  const auto add = [&](const std::string& name, std::vector<std::size_t> shape, float middle) {
    std::size_t count = 1;
    for (const auto length : shape) count *= length;
    std::vector<float> numbers(count);
    for (auto& number : numbers) number = middle + 0.4F * static_cast<float>(rng.uniform() * 2 - 1);
    made.tensors[name] = {.shape = std::move(shape), .numbers = std::move(numbers)};
  };
  const auto dense = [&](const std::string& name, std::size_t outputs, std::size_t inputs) {
    add(name + ".weight", {outputs, inputs}, 0);
    add(name + ".bias", {outputs}, 0);
  };
  const auto norm = [&](const std::string& name) {
    add(name + ".weight", {config.width}, 1);
    add(name + ".bias", {config.width}, 0);
  };
  const std::size_t d = config.width;
  add("embeddings.word_embeddings.weight", {config.vocabulary, d}, 0);
  add("embeddings.position_embeddings.weight", {config.context, d}, 0);
  add("embeddings.token_type_embeddings.weight", {config.types, d}, 0);
  norm("embeddings.LayerNorm");
  for (std::size_t l = 0; l < config.layers; ++l) {
    const std::string at = "encoder.layer." + std::to_string(l) + ".";
    for (const char* name : {"query", "key", "value"}) dense(at + "attention.self." + name, d, d);
    dense(at + "attention.output.dense", d, d);
    norm(at + "attention.output.LayerNorm");
    dense(at + "intermediate.dense", config.ffn_width, d);
    dense(at + "output.dense", d, config.ffn_width);
    norm(at + "output.LayerNorm");
  }
  return made;
}

// Names begin with `prefix`; `dtype` is kF32 or kF16.
inline std::vector<std::byte> bytes_of(const SmallBert& bert, const std::string& prefix = "",
                                       tensor::Dtype dtype = tensor::Dtype::kF32) {
  std::vector<std::vector<std::byte>> kept;
  std::vector<formats::SafeTensor> tensors;
  kept.reserve(bert.tensors.size());
  for (const auto& [name, about] : bert.tensors) {
    const auto exact = std::as_bytes(std::span(about.numbers));
    kept.push_back(dtype == tensor::Dtype::kF32 ? std::vector<std::byte>(exact.begin(), exact.end())
                                                : kernels::quantise(about.numbers, dtype).value());
    tensors.push_back({.name = prefix + name,
                       .dtype = dtype == tensor::Dtype::kF16 ? formats::SafeDtype::kF16
                                                             : formats::SafeDtype::kF32,
                       .shape = about.shape,
                       .bytes = kept.back()});
  }
  return formats::write_safetensors(tensors, {});
}

}  // namespace dramatis::model::testing
