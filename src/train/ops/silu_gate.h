// The gate of a feed-forward block, with gradients.
#pragma once

#include <torch/torch.h>

namespace dramatis::train::ops {

// silu(gate) * up. Keeps both for the way back, and nothing between.
// Shapes: all [T, F], f32 or bf16, all alike. Threads: any. Source: Shazeer 2020, SwiGLU.
[[nodiscard]] torch::Tensor silu_gate(const torch::Tensor& gate, const torch::Tensor& up);
// The same by libtorch's own operations.
[[nodiscard]] torch::Tensor plain_silu_gate(const torch::Tensor& gate, const torch::Tensor& up);

}  // namespace dramatis::train::ops
