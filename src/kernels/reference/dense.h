// The kernels of kernels/dense.h as plain loops: same contracts, same order of sums.
#pragma once

#include "kernels/dense.h"

namespace dramatis::kernels::reference {

void multiply_panels(const Panels& weights, std::span<const float> x, std::span<float> out);
void layer_norm(std::span<const float> x, std::span<const float> weight,
                std::span<const float> bias, float epsilon, std::span<float> out);
void gelu(std::span<float> x);

}  // namespace dramatis::kernels::reference
