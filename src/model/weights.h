// The tensors of a GGUF file -> a model's weights by name, every shape as the config says.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "model/config.h"
#include "tensor/matrix.h"

namespace dramatis::model {

struct LayerWeights {
  std::vector<float> attention_norm;  // [D]
  tensor::MatrixView query;  // [heads * H, D], rows paired for rotation as GGUF files have them
  tensor::MatrixView key;    // [kv_heads * H, D]
  tensor::MatrixView value;  // [kv_heads * H, D]
  tensor::MatrixView attention_out;  // [D, heads * H]
  std::vector<float> ffn_norm;       // [D]
  tensor::MatrixView gate;           // [F, D]
  tensor::MatrixView up;             // [F, D]
  tensor::MatrixView down;           // [D, F]
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

// Errors: kNotFound naming a missing tensor; kCorrupt with both shapes; kUnsupported for a format
// which the kernels do not compute with, and for biases. Threads: any.
[[nodiscard]] Result<Weights> bind_weights(const formats::Gguf& file, const ModelConfig& config);

}  // namespace dramatis::model
