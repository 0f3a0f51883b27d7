// Packed products, layer norm and GELU, one element at a time.
#include "kernels/reference/dense.h"

#include <array>
#include <cmath>

#include "base/check.h"
#include "kernels/internal/erf_terms.h"
#include "kernels/reference/reference.h"

namespace dramatis::kernels::reference {
namespace {

float sum_lanes(std::array<float, kLanes> lanes) {
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t n = 0; n < half; ++n) lanes[n] += lanes[n + half];
  }
  return lanes[0];
}

}  // namespace

void multiply_panels(const Panels& weights, std::span<const float> x, std::span<float> out) {
  const std::size_t inputs = weights.inputs();
  const std::size_t outputs = weights.outputs();
  DRAMATIS_CHECK(inputs > 0 && x.size() % inputs == 0);
  DRAMATIS_CHECK(out.size() == x.size() / inputs * outputs);
  for (std::size_t t = 0; t < x.size() / inputs; ++t) {
    for (std::size_t o = 0; o < outputs; ++o) {
      const auto panel = weights.panel(o / kPanelWidth).subspan(o % kPanelWidth);
      float sum = panel[0];
      for (std::size_t i = 0; i < inputs; ++i) {
        sum = std::fma(panel[(i + 1) * kPanelWidth], x[t * inputs + i], sum);
      }
      out[t * outputs + o] = sum;
    }
  }
}

void layer_norm(std::span<const float> x, std::span<const float> weight,
                std::span<const float> bias, float epsilon, std::span<float> out) {
  DRAMATIS_CHECK(!x.empty() && x.size() == weight.size() && x.size() == bias.size() &&
                 x.size() == out.size());
  const auto count = static_cast<float>(x.size());
  std::array<float, kLanes> sums{};
  for (std::size_t n = 0; n < x.size(); ++n) sums[n % kLanes] += x[n];
  const float mean = sum_lanes(sums) / count;
  std::array<float, kLanes> squares{};
  for (std::size_t n = 0; n < x.size(); ++n) {
    squares[n % kLanes] = std::fma(x[n] - mean, x[n] - mean, squares[n % kLanes]);
  }
  const float scale = 1.0F / std::sqrt(sum_lanes(squares) / count + epsilon);
  for (std::size_t n = 0; n < x.size(); ++n) {
    out[n] = std::fma((x[n] - mean) * scale, weight[n], bias[n]);
  }
}

void gelu(std::span<float> x) {
  for (float& value : x) {
    const float t = 1.0F / std::fma(std::abs(value), internal::kErfSlope, 1.0F);
    float series = internal::kErfTerms[0];
    for (std::size_t n = 1; n < std::size(internal::kErfTerms); ++n) {
      series = std::fma(series, t, internal::kErfTerms[n]);
    }
    const float below = series * t * exp(value * value * -0.5F);
    value *= value < 0 ? below : 1.0F - below;
  }
}

}  // namespace dramatis::kernels::reference
