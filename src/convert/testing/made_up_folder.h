// For tests: tiny Hugging Face folders and PEFT adapters with random weights, written by hand.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "convert/testing/plain_model.h"
#include "formats/safetensors.h"
#include "kernels/half.h"
#include "text/json.h"
#include "tokens/testing/made_up_hugging_face.h"

namespace dramatis::convert::testing {

namespace fs = std::filesystem;
using text::Json;
using text::JsonArray;
using text::JsonObject;

inline void put(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline float as_stored(float value, formats::SafeDtype dtype) {
  if (dtype == formats::SafeDtype::kBF16) return kernels::from_bf16(kernels::to_bf16(value));
  if (dtype == formats::SafeDtype::kF16) return kernels::from_f16(kernels::to_f16(value));
  return value;
}

// Random numbers of a folder's tensor.
inline PlainTensor drawn(std::vector<std::size_t> shape, double middle, double spread, Rng& rng,
                         formats::SafeDtype dtype) {
  PlainTensor made{.shape = std::move(shape), .values = {}};
  std::size_t count = 1;
  for (const auto length : made.shape) count *= length;
  for (std::size_t n = 0; n < count; ++n)
    made.values.push_back(
        as_stored(static_cast<float>(middle + spread * (rng.uniform() * 2 - 1)), dtype));
  return made;
}

inline PlainModel made_up(std::string_view type, bool is_tied = false,
                          formats::SafeDtype dtype = formats::SafeDtype::kF32) {
  PlainModel m;
  m.type = type;
  m.is_tied = is_tied || m.is_gemma();
  m.vocabulary = tokens::testing::made_up_gpt2().tokens.size() + 3;  // rows without a token
  if (m.is_gemma()) m.window = 5;
  Rng rng(5);
  const auto matrix = [&](const std::string& name, std::size_t rows, std::size_t columns) {
    m.tensors[name + ".weight"] = drawn({rows, columns}, 0, 0.25, rng, dtype);
  };
  const auto vector = [&](const std::string& name, std::size_t length, double middle) {
    m.tensors[name] = drawn({length}, middle, 0.2, rng, dtype);
  };
  const double one = m.is_gemma() ? 0 : 1;  // its norms are told as their distance from 1
  const std::size_t queries = m.heads * m.head_width;
  const std::size_t keys = m.kv_heads * m.head_width;
  matrix("model.embed_tokens", m.vocabulary, m.width);
  if (!m.is_tied) matrix("lm_head", m.vocabulary, m.width);
  vector("model.norm.weight", m.width, one);
  for (std::size_t l = 0; l < m.layers; ++l) {
    const std::string b = fmt::format("model.layers.{}.", l);
    matrix(b + "self_attn.q_proj", queries, m.width);
    matrix(b + "self_attn.k_proj", keys, m.width);
    matrix(b + "self_attn.v_proj", keys, m.width);
    matrix(b + "self_attn.o_proj", m.width, queries);
    matrix(b + "mlp.gate_proj", m.ffn_width, m.width);
    matrix(b + "mlp.up_proj", m.ffn_width, m.width);
    matrix(b + "mlp.down_proj", m.width, m.ffn_width);
    vector(b + "input_layernorm.weight", m.width, one);
    vector(b + "post_attention_layernorm.weight", m.width, one);
    if (m.is_gemma()) {
      vector(b + "pre_feedforward_layernorm.weight", m.width, one);
      vector(b + "post_feedforward_layernorm.weight", m.width, one);
    }
    if (m.type == "qwen2") {
      vector(b + "self_attn.q_proj.bias", queries, 0);
      vector(b + "self_attn.k_proj.bias", keys, 0);
      vector(b + "self_attn.v_proj.bias", keys, 0);
    }
    if (m.type == "qwen3") {
      vector(b + "self_attn.q_norm.weight", m.head_width, 1);
      vector(b + "self_attn.k_norm.weight", m.head_width, 1);
    }
  }
  return m;
}

inline JsonObject config_of(const PlainModel& m) {
  JsonObject config{{"model_type", m.type},
                    {"hidden_size", m.width},
                    {"intermediate_size", m.ffn_width},
                    {"num_hidden_layers", m.layers},
                    {"num_attention_heads", m.heads},
                    {"num_key_value_heads", m.kv_heads},
                    {"head_dim", m.head_width},
                    {"vocab_size", m.vocabulary},
                    {"max_position_embeddings", 256},
                    {"rms_norm_eps", m.epsilon},
                    {"rope_theta", m.rope_base},
                    {"tie_word_embeddings", m.is_tied},
                    {"bos_token_id", 3},
                    {"eos_token_id", JsonArray{4, 12}},
                    {"hidden_act", m.is_gemma() ? "gelu_pytorch_tanh" : "silu"}};
  if (m.is_gemma()) {
    config.emplace_back("sliding_window", m.window);
    config.emplace_back("query_pre_attn_scalar", m.score_scalar);
    config.emplace_back("attn_logit_softcapping", 50.0);
    config.emplace_back("final_logit_softcapping", 30.0);
  }
  if (m.rope_factor != 1)
    config.emplace_back("rope_scaling", JsonObject{{"type", "linear"}, {"factor", m.rope_factor}});
  if (m.is_stretched)
    config.emplace_back("rope_scaling", JsonObject{{"rope_type", "llama3"},
                                                   {"factor", 8.0},
                                                   {"low_freq_factor", 1.0},
                                                   {"high_freq_factor", 4.0},
                                                   {"original_max_position_embeddings", 64}});
  return config;
}

// The bytes of a safetensors file with these tensors.
inline std::string safetensors_of(const std::map<std::string, PlainTensor>& tensors,
                                  formats::SafeDtype dtype = formats::SafeDtype::kF32) {
  std::vector<std::vector<std::byte>> kept;
  std::vector<formats::SafeTensor> listed;
  for (const auto& [name, tensor] : tensors) {
    std::vector<std::byte> bytes;
    for (const double value : tensor.values) {
      const auto narrow = static_cast<float>(value);
      const auto half =
          dtype == formats::SafeDtype::kF16 ? kernels::to_f16(narrow) : kernels::to_bf16(narrow);
      const auto all = dtype == formats::SafeDtype::kF32 ? std::as_bytes(std::span(&narrow, 1))
                                                         : std::as_bytes(std::span(&half, 1));
      bytes.insert(bytes.end(), all.begin(), all.end());
    }
    kept.push_back(std::move(bytes));
    listed.push_back({.name = name, .dtype = dtype, .shape = tensor.shape, .bytes = kept.back()});
  }
  const auto file = formats::write_safetensors(listed, {{"format", "pt"}});
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

inline void write_folder(const fs::path& folder, const PlainModel& m,
                         formats::SafeDtype dtype = formats::SafeDtype::kF32) {
  fs::create_directories(folder);
  put(folder / "config.json", text::print_json(config_of(m)));
  put(folder / "tokenizer.json",
      text::print_json(tokens::testing::made_up_tokenizer(tokens::testing::made_up_gpt2())));
  put(folder / "tokenizer_config.json",
      R"({"chat_template":"{% for m in messages %}<|im_start|>{{ m.role }}<|im_end|>{% endfor %}"})");
  put(folder / "model.safetensors", safetensors_of(m.tensors, dtype));
}

// The same tensors in three files with an index.
inline void split_folder(const fs::path& folder, const PlainModel& m) {
  fs::remove(folder / "model.safetensors");
  std::map<std::string, PlainTensor> parts[3];
  JsonObject map;
  std::size_t n = 0;
  for (const auto& [name, tensor] : m.tensors) {
    const std::size_t part = n++ % 3;
    parts[part][name] = tensor;
    map.emplace_back(name, fmt::format("model-0000{}-of-00003.safetensors", part + 1));
  }
  for (n = 0; n < 3; ++n)
    put(folder / fmt::format("model-0000{}-of-00003.safetensors", n + 1), safetensors_of(parts[n]));
  put(folder / "model.safetensors.index.json",
      text::print_json(
          JsonObject{{"metadata", JsonObject{{"total_size", 1}}}, {"weight_map", std::move(map)}}));
}

// Random halves for these modules ("self_attn.q_proj") of every layer; `m` gets them added.
inline std::map<std::string, PlainTensor> made_up_adapter(PlainModel& m,
                                                          const std::vector<std::string>& modules,
                                                          std::size_t rank, double scale) {
  std::map<std::string, PlainTensor> halves;
  Rng rng(9);
  for (std::size_t l = 0; l < m.layers; ++l) {
    for (const auto& module : modules) {
      const std::string name = fmt::format("model.layers.{}.{}", l, module);
      auto& w = m.tensors.at(name + ".weight");
      const auto a = drawn({rank, w.shape[1]}, 0, 0.2, rng, formats::SafeDtype::kF32);
      const auto b = drawn({w.shape[0], rank}, 0, 0.2, rng, formats::SafeDtype::kF32);
      for (std::size_t r = 0; r < w.shape[0]; ++r) {
        for (std::size_t c = 0; c < w.shape[1]; ++c) {
          for (std::size_t k = 0; k < rank; ++k)
            w.values[r * w.shape[1] + c] +=
                scale * b.values[r * rank + k] * a.values[k * w.shape[1] + c];
        }
      }
      halves["base_model.model." + name + ".lora_A.weight"] = a;
      halves["base_model.model." + name + ".lora_B.weight"] = b;
    }
  }
  return halves;
}

inline JsonObject adapter_config(std::size_t rank, double alpha) {
  return {{"peft_type", "LORA"}, {"task_type", "CAUSAL_LM"}, {"base_model_name_or_path", "made/up"},
          {"r", rank},           {"lora_alpha", alpha},      {"bias", "none"},
          {"use_rslora", false}, {"use_dora", false},        {"modules_to_save", Json()}};
}

}  // namespace dramatis::convert::testing
