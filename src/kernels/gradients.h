// The way back through the vectors of kernels/vectors.h, for training.
#pragma once

#include <span>

namespace dramatis::kernels {

// Of y = rms_norm(x, weight, epsilon), with dy given and r = 1 / sqrt(mean(x^2) + epsilon):
// dx[n] = r * weight[n] * dy[n] - x[n] * r^3 * mean(weight * dy * x);
// dweight[n] += dy[n] * x[n] * r. The sums in the order of kernels/vectors.h.
// Shapes: all [D]; dweight may be empty. Checked. Threads: any. Source: the derivative of Zhang &
// Sennrich 2019, equation 4.
void rms_norm_back(std::span<const float> x, std::span<const float> weight, float epsilon,
                   std::span<const float> dy, std::span<float> dx, std::span<float> dweight);

// Of out = silu_mul(gate, up), with s = 1 / (1 + exp(-gate)): dup = dout * gate * s,
// dgate = dout * up * s * (1 + gate * (1 - s)).
// Shapes: all [F]; dgate may be gate, dup may be up. Checked. Threads: any.
void silu_mul_back(std::span<const float> dout, std::span<const float> gate,
                   std::span<const float> up, std::span<float> dgate, std::span<float> dup);

// Of p = softmax(x): dx[n] = scale * p[n] * (dp[n] - sum(p * dp)), into dp.
// Shapes: all [D]. Checked: equal lengths, not empty. Threads: any.
void softmax_back(std::span<const float> p, float scale, std::span<float> dp);

// Makes x its softmax and returns log(sum(exp(x))), so that -log p[n] of any n is what it returns
// less the x[n] of before. Checked: not empty. Threads: any.
[[nodiscard]] float softmax_with_log(std::span<float> x);

}  // namespace dramatis::kernels
