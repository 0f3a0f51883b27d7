// Products of rows with weight matrices in bf16, adapters included, with gradients.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <torch/torch.h>

#include "kernels/pairs.h"

namespace dramatis::train::ops {

// A matrix W [out, in] as the right factor of both ways.
struct PackedWeight {
  kernels::Paired forth;  // [in, out]: x W^T
  kernels::Paired back;   // [out, in]: dy W
};
// Space for W [out, in]; pack_weight fills it. Throws std::bad_alloc.
[[nodiscard]] std::shared_ptr<PackedWeight> space_for_weight(const torch::Tensor& weight);
// W, f32 or bf16, contiguous, into `to`.
void pack_weight(const torch::Tensor& weight, PackedWeight& to);

// Which inputs an adapter leaves out.
struct Dropping {
  double share = 0;
  std::uint64_t seed = 0;
  std::uint64_t place = 0;
};

// y = x W^T + bias + scale (x' A^T) B^T, where x' is x with some inputs left out. What it has not
// is undefined. `weight` counts where it learns (requires_grad); products are with `packed`, which
// must be of the same numbers.
struct Linear {
  torch::Tensor weight;                        // [out, in], out and in even
  torch::Tensor bias;                          // [out] f32
  std::shared_ptr<const PackedWeight> packed;  // shared by the network and its passes
  torch::Tensor lora_a, lora_b;                // [rank, in], [out, rank] f32
  double scale = 1;
  std::optional<Dropping> dropping{};
};

// x [T, in] bf16 -> [T, out] bf16 for each matrix; at most three. Sums in f32, rounded once.
// Threads: any. Source: Hu et al. 2021, "LoRA", equation 3.
[[nodiscard]] std::vector<torch::Tensor> project(const torch::Tensor& x,
                                                 const std::vector<Linear>& matrices);
// residual [T, out] f32 + y, in f32.
[[nodiscard]] torch::Tensor project_onto(const torch::Tensor& residual, const torch::Tensor& x,
                                         const Linear& matrix);
// y by libtorch's own operations, in x's type.
[[nodiscard]] torch::Tensor plain_project(const torch::Tensor& x, const Linear& matrix);

// [rows, columns] f32: 1 / (1 - share) where an input stays, 0 where it is left out.
[[nodiscard]] torch::Tensor dropout_mask(const Dropping& dropping, std::int64_t rows,
                                         std::int64_t columns);

}  // namespace dramatis::train::ops
