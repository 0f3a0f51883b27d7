// Root mean square norm of rows, with gradients.
#pragma once

#include <torch/torch.h>

namespace dramatis::train::ops {

// y[t] = x[t] / sqrt(mean(x[t]^2) + epsilon) * gain. Keeps x alone for the way back.
// Shapes: x [T, D] f32, gain [D] f32; y [T, D] of `dtype`, f32 or bf16. Threads: any.
[[nodiscard]] torch::Tensor rms_norm(const torch::Tensor& x, const torch::Tensor& gain,
                                     double epsilon, torch::Dtype dtype);
// The same by libtorch's own operations, in x's type.
[[nodiscard]] torch::Tensor plain_rms_norm(const torch::Tensor& x, const torch::Tensor& gain,
                                           double epsilon);

}  // namespace dramatis::train::ops
