// The Llama architecture with gradients: token ids -> logits. The same arithmetic as model/, in
// libtorch.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "train/recipe.h"

namespace dramatis::train {

// Names of GGUF and safetensors alike ("blk.3.attn_q.weight") with their parameters.
using Parameters = std::vector<std::pair<std::string, torch::Tensor>>;

// Weights of one model. Matrices are [out, in], as in GGUF; the head is the embedding (tied).
// One thread at a time.
class Llama {
 public:
  // Drawn from torch's generator: normal with deviation 1/sqrt(in), residual outputs smaller by
  // sqrt(2 layers), gains 1.
  Llama(const Shape& shape, std::size_t pieces);

  // The last hidden rows, normalised. ids [B, T] int64; allowed [B, 1, T, T] bool, true where row t
  // may see column s. Returns [B, T, width].
  [[nodiscard]] torch::Tensor hidden(const torch::Tensor& ids, const torch::Tensor& allowed) const;
  // rows [N, width] -> logits [N, pieces].
  [[nodiscard]] torch::Tensor logits(const torch::Tensor& rows) const;

  [[nodiscard]] const Parameters& parameters() const { return parameters_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }

 private:
  struct Block {
    torch::Tensor attn_norm, q, k, v, attn_out, ffn_norm, gate, up, down;
  };
  torch::Tensor attend(const Block& block, const torch::Tensor& x,
                       const torch::Tensor& allowed) const;
  torch::Tensor keep(const std::string& name, torch::Tensor weights);

  Shape shape_;
  torch::Tensor embedding_, norm_;
  std::vector<Block> blocks_;
  Parameters parameters_;
};

}  // namespace dramatis::train
