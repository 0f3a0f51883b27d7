// The tensors of a GGUF file -> a model's weights by name, every shape as the config says.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "model/config.h"
#include "tensor/matrix.h"

namespace dramatis::model {

// What a model has not is empty.
struct LayerWeights {
  std::vector<float> attention_norm;  // [D]
  tensor::MatrixView query;          // [heads * H, D], rows in the order of the config's rope_pairs
  tensor::MatrixView key;            // [kv_heads * H, D]
  tensor::MatrixView value;          // [kv_heads * H, D]
  std::vector<float> query_bias;     // [heads * H]
  std::vector<float> key_bias;       // [kv_heads * H]
  std::vector<float> value_bias;     // [kv_heads * H]
  std::vector<float> query_norm;     // [H], of each head
  std::vector<float> key_norm;       // [H]
  tensor::MatrixView attention_out;  // [D, heads * H]
  std::vector<float> attention_out_norm;  // [D], of what the block gives
  std::vector<float> ffn_norm;            // [D]
  tensor::MatrixView gate;                // [F, D]
  tensor::MatrixView up;                  // [F, D]
  tensor::MatrixView down;                // [D, F]
  std::vector<float> ffn_out_norm;        // [D]
};

// Views keep no bytes alive: the Gguf must stay.
struct Weights {
  tensor::MatrixView embedding;  // [V, D]
  std::vector<LayerWeights> layers;
  std::vector<float> output_norm;     // [D]
  tensor::MatrixView output;          // [V, D]; the embedding where the file has no head of its own
  std::vector<float> rope_divisors;   // [R / 2], of the angles; empty: all 1
  std::vector<std::string> warnings;  // tensors that are not used
};

// Errors: kNotFound naming a missing tensor; kCorrupt with both shapes, and where a rotation is
// stretched twice; kUnsupported for biases and norms in places where none are computed. Threads:
// any.
[[nodiscard]] Result<Weights> bind_weights(const formats::Gguf& file, const ModelConfig& config);

}  // namespace dramatis::model
