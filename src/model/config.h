// Metadata of a GGUF file -> the shape of a model, every number in its range.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "formats/gguf.h"

namespace dramatis::model {

// What a Llama-architecture model is made of.
struct ModelConfig {
  std::size_t layers = 0;
  std::size_t width = 0;       // D: numbers of one token between layers
  std::size_t ffn_width = 0;   // F: numbers inside a feed-forward block
  std::size_t heads = 0;       // of queries
  std::size_t kv_heads = 0;    // of keys and values; divides heads
  std::size_t head_width = 0;  // H: numbers of one head
  std::size_t vocabulary = 0;  // V: tokens
  std::size_t context = 0;     // tokens that the model was trained to see
  std::size_t rope_width = 0;  // R: of each head, so many are rotated; even
  double rope_base = 10000;    // larger: slower rotation, longer reach
  double rope_divisor = 1;     // of positions, for windows stretched linearly
  float norm_epsilon = 1e-5F;  // added to the mean square

  [[nodiscard]] std::size_t query_width() const { return heads * head_width; }
  [[nodiscard]] std::size_t kv_width() const { return kv_heads * head_width; }
};

// Errors: kUnsupported naming another architecture or an extension which this build does not
// compute; kNotFound and kCorrupt naming the key, its value and its range. Threads: any. Source:
// ggml/docs/gguf.md, "LLM"; llama.cpp `llama_model::load_hparams`.
[[nodiscard]] Result<ModelConfig> read_config(const formats::Gguf& file);

}  // namespace dramatis::model
