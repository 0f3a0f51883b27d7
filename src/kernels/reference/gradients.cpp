// Gradients as plain loops.
#include "kernels/reference/gradients.h"

#include <algorithm>
#include <cmath>

namespace dramatis::kernels::reference {

void rms_norm_back(std::span<const float> x, std::span<const float> weight, float epsilon,
                   std::span<const float> dy, std::span<float> dx, std::span<float> dweight) {
  double squares = 0;
  double meeting = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    squares += static_cast<double>(x[n]) * x[n];
    meeting += static_cast<double>(weight[n]) * dy[n] * x[n];
  }
  const auto width = static_cast<double>(x.size());
  const double r = 1 / std::sqrt(squares / width + static_cast<double>(epsilon));
  for (std::size_t n = 0; n < x.size(); ++n) {
    if (!dweight.empty()) dweight[n] += static_cast<float>(dy[n] * x[n] * r);
    dx[n] = static_cast<float>(r * weight[n] * dy[n] - x[n] * r * r * r * meeting / width);
  }
}

void silu_mul_back(std::span<const float> dout, std::span<const float> gate,
                   std::span<const float> up, std::span<float> dgate, std::span<float> dup) {
  for (std::size_t n = 0; n < gate.size(); ++n) {
    const double g = gate[n];
    const double u = up[n];
    const double s = 1 / (1 + std::exp(-g));
    dgate[n] = static_cast<float>(dout[n] * u * s * (1 + g * (1 - s)));
    dup[n] = static_cast<float>(dout[n] * g * s);
  }
}

void softmax_back(std::span<const float> p, float scale, std::span<float> dp) {
  double meeting = 0;
  for (std::size_t n = 0; n < p.size(); ++n) meeting += static_cast<double>(p[n]) * dp[n];
  for (std::size_t n = 0; n < p.size(); ++n)
    dp[n] = static_cast<float>(static_cast<double>(scale) * p[n] * (dp[n] - meeting));
}

float softmax_with_log(std::span<float> x) {
  const double most = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const float value : x) sum += std::exp(value - most);
  for (float& value : x) value = static_cast<float>(std::exp(value - most) / sum);
  return static_cast<float>(most + std::log(sum));
}

}  // namespace dramatis::kernels::reference
