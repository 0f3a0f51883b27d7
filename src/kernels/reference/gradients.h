// Gradients as plain loops in double precision: what the fast ones must agree with.
#pragma once

#include "kernels/gradients.h"

namespace dramatis::kernels::reference {

void rms_norm_back(std::span<const float> x, std::span<const float> weight, float epsilon,
                   std::span<const float> dy, std::span<float> dx, std::span<float> dweight);
void silu_mul_back(std::span<const float> dout, std::span<const float> gate,
                   std::span<const float> up, std::span<float> dgate, std::span<float> dup);
void softmax_back(std::span<const float> p, float scale, std::span<float> dp);
[[nodiscard]] float softmax_with_log(std::span<float> x);

}  // namespace dramatis::kernels::reference
