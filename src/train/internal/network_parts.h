// What a network is made of.
#pragma once

#include <memory>
#include <vector>

#include <torch/torch.h>

#include "train/network.h"
#include "train/ops/linear.h"

namespace dramatis::train::internal {

// A matrix of a block. What it has not is undefined.
struct Projection {
  torch::Tensor weight;          // [out, in]
  torch::Tensor bias;            // [out]
  torch::Tensor lora_a, lora_b;  // [rank, in], [out, rank]
  std::uint64_t place = 0;       // its number in the network: which inputs it drops
  // Shared with passes that are under way; nothing where products are in f32.
  std::shared_ptr<ops::PackedWeight> packed;
};

struct NetworkBlock {
  torch::Tensor attn_norm, ffn_norm;  // [width]
  Projection q, k, v, attn_out, gate, up, down;
};

struct NetworkParts {
  NetworkShape shape;
  Method method;
  Arithmetic arithmetic = Arithmetic::kPlain;  // what is computed in fact
  torch::Tensor embedding;                     // [V, width]
  torch::Tensor head;                          // [V, width]; the embedding where tied
  torch::Tensor norm;                          // [width]
  std::shared_ptr<ops::PackedWeight> packed_head;
  std::vector<NetworkBlock> blocks;
  torch::Tensor radians;  // [R/2] f64: what each pair turns from one position to the next
  Parameters weights;     // by name, the head once
  Parameters learnt;
};

// Rows of the last norm at the positions that count [N, width] -> -log p [N], by libtorch's own
// operations.
[[nodiscard]] torch::Tensor plain_losses(const NetworkParts& parts, const PackedBatch& batch,
                                         const PassOptions& options);
// [N, width]: what the head sees.
[[nodiscard]] torch::Tensor plain_hidden(const NetworkParts& parts, const PackedBatch& batch,
                                         const PassOptions& options);

}  // namespace dramatis::train::internal
