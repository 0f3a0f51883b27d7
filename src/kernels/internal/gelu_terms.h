// gelu(x) = x / (1 + exp(-x (linear + cubic x^2))): the numbers, shared by the plain and the fast
// loop.
#pragma once

namespace dramatis::kernels::internal {

// 2 sqrt(2 / pi), and 0.044715 times that.
inline constexpr float kGeluLinear = 1.59576912160573F;
inline constexpr float kGeluCubic = 0.0713548162726009F;

}  // namespace dramatis::kernels::internal
