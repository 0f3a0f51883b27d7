// What matrix products are computed in.
#pragma once

#include <torch/torch.h>

namespace dramatis::train {

// True where the processor multiplies bf16 in hardware: about twice as fast as f32.
[[nodiscard]] bool multiplies_bf16();

// `x` as a factor of a product: rounded to bf16 where that is fast, else itself. Sums inside the
// product are f32 either way; so are the weights kept, their gradients and everything between
// products. Gradients flow through the rounding unchanged.
[[nodiscard]] torch::Tensor to_factor(const torch::Tensor& x);

}  // namespace dramatis::train
