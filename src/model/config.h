// Metadata of a GGUF file -> the shape of a model, every number in its range.
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

#include "base/result.h"
#include "formats/gguf.h"
#include "kernels/matmul.h"

namespace dramatis::model {

// Which numbers of a head are rotated together.
enum class RopePairs {
  kNeighbours,  // 2i and 2i + 1
  kHalves,      // i and i + R / 2
};

// What a gate does to its numbers before they meet the others.
enum class Gate { kSilu, kGelu };

// Whether a model of this family has a part.
enum class Part { kAbsent, kPresent };

// Rotation slowed for a window longer than the one first trained: pairs that turn less than `low`
// times within `trained` tokens are slowed by `factor`, those that turn more than `high` times
// stay, those between change over. Source: Grattafiori et al. 2024, "The Llama 3 Herd of Models",
// section 3.4.2; transformers, `_compute_llama3_parameters`.
struct RopeStretch {
  double factor = 1;        // larger: slower
  double low = 1;           // turns
  double high = 4;          // turns, more than low
  std::size_t trained = 0;  // tokens; 0: nothing is stretched
};

// What a model is made of.
struct ModelConfig {
  std::string_view architecture = "llama";  // as GGUF names it; text of the program itself
  std::size_t layers = 0;
  std::size_t width = 0;       // D: numbers of one token between layers
  std::size_t ffn_width = 0;   // F: numbers inside a feed-forward block
  std::size_t heads = 0;       // of queries
  std::size_t kv_heads = 0;    // of keys and values; divides heads
  std::size_t head_width = 0;  // H: numbers of one head
  std::size_t vocabulary = 0;  // V: tokens
  std::size_t context = 0;     // tokens that the model was trained to see
  float norm_epsilon = 1e-5F;  // added to the mean square

  std::size_t rope_width = 0;  // R: of each head, so many are rotated; even
  double rope_base = 10000;    // larger: slower rotation, longer reach
  double rope_divisor = 1;     // of positions, for windows stretched linearly
  RopeStretch rope_stretch{};
  RopePairs rope_pairs = RopePairs::kNeighbours;

  std::size_t window = 0;  // tokens that a sliding layer sees, itself included; 0: none slides
  std::size_t window_every = 1;  // the last of each so many layers sees everything all the same

  float embedding_scale = 1;  // of what a token's row gives to the first layer
  float score_scale = 1;      // of query . key; read_config says 1 / sqrt(H) or what the file wants
  float score_cap = 0;        // scores become cap * tanh(score / cap); 0: they stay
  float logit_cap = 0;        // the same of logits
  Gate gate = Gate::kSilu;
  // Of activations before they meet weights of integers: read_config says kTwice for models of at
  // most kFineParameters.
  kernels::Rounding rounding = kernels::Rounding::kOnce;

  Part input_biases = Part::kAbsent;  // of queries, keys and values
  Part head_norms = Part::kAbsent;    // of each head of queries and keys, before rotation
  Part output_norms = Part::kAbsent;  // of what a block gives, before it is added to the stream

  [[nodiscard]] std::size_t query_width() const { return heads * head_width; }
  [[nodiscard]] std::size_t kv_width() const { return kv_heads * head_width; }
  // Numbers in the matrices of all layers and in the embedding, counted once.
  [[nodiscard]] std::size_t parameters() const {
    const std::size_t heads_of_layer = 2 * width * (query_width() + kv_width());
    return vocabulary * width + layers * (heads_of_layer + 3 * width * ffn_width);
  }
  // How many tokens layer l sees at most, itself included.
  [[nodiscard]] std::size_t window_of(std::size_t l) const {
    const bool slides = window > 0 && (window_every == 1 || l % window_every + 1 < window_every);
    return slides ? window : std::numeric_limits<std::size_t>::max();
  }
};

// Computed are llama, qwen2, qwen3 and gemma2. Errors: kUnsupported naming another architecture or
// an extension which this build does not compute; kNotFound and kCorrupt naming the key, its value
// and its range. Threads: any. Source: ggml/docs/gguf.md, "LLM"; llama.cpp
// `llama_model::load_hparams`.
[[nodiscard]] Result<ModelConfig> read_config(const formats::Gguf& file);

}  // namespace dramatis::model
