// Norm, softmax, rotation, gate and addition, one element at a time.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "kernels/internal/exp_terms.h"
#include "kernels/internal/gelu_terms.h"
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

float exp(float x) {
  const float bounded = std::min(std::max(x, internal::kExpLeast), internal::kExpMost);
  const float whole = std::nearbyint(bounded * internal::kLog2E);
  float rest = std::fma(whole, internal::kMinusLn2High, bounded);
  rest = std::fma(whole, internal::kMinusLn2Low, rest);
  float series = internal::kExpTerms[0];
  for (std::size_t n = 1; n < std::size(internal::kExpTerms); ++n) {
    series = std::fma(series, rest, internal::kExpTerms[n]);
  }
  const float fraction = std::fma(series, rest * rest, rest) + 1.0F;
  return fraction * std::bit_cast<float>((static_cast<std::int32_t>(whole) + 127) << 23);
}

float dot(std::span<const float> x, std::span<const float> y) {
  DRAMATIS_CHECK(x.size() == y.size());
  std::array<float, kLanes> lanes{};
  const std::size_t padded = (x.size() + kLanes - 1) / kLanes * kLanes;
  for (std::size_t n = 0; n < padded; ++n) {
    const bool inside = n < x.size();
    lanes[n % kLanes] = std::fma(inside ? x[n] : 0.0F, inside ? y[n] : 0.0F, lanes[n % kLanes]);
  }
  return sum_lanes(lanes);
}

void rms_norm(std::span<const float> x, std::span<const float> weight, float epsilon,
              std::span<float> out) {
  DRAMATIS_CHECK(!x.empty() && x.size() == weight.size() && x.size() == out.size());
  const float mean = dot(x, x) / static_cast<float>(x.size());
  const float scale = 1.0F / std::sqrt(mean + epsilon);
  for (std::size_t n = 0; n < x.size(); ++n) out[n] = x[n] * scale * weight[n];
}

void softmax(std::span<float> x) {
  DRAMATIS_CHECK(!x.empty());
  const float most = *std::ranges::max_element(x);
  std::array<float, kLanes> lanes{};
  for (std::size_t n = 0; n < x.size(); ++n) {
    x[n] = exp(x[n] - most) + (x[n] - x[n]);  // the difference keeps a NaN, which exp would not
    lanes[n % kLanes] += x[n];
  }
  const float scale = 1.0F / sum_lanes(lanes);
  for (float& value : x) value *= scale;
}

void rope(std::span<float> x, std::span<const float> cos, std::span<const float> sin) {
  DRAMATIS_CHECK(cos.size() == sin.size() && x.size() == 2 * cos.size());
  for (std::size_t n = 0; n < cos.size(); ++n) {
    const float first = x[2 * n];
    const float second = x[2 * n + 1];
    x[2 * n] = first * cos[n] - second * sin[n];
    x[2 * n + 1] = first * sin[n] + second * cos[n];
  }
}

void rope_halves(std::span<float> x, std::span<const float> cos, std::span<const float> sin) {
  DRAMATIS_CHECK(cos.size() == sin.size() && x.size() == 2 * cos.size());
  for (std::size_t n = 0; n < cos.size(); ++n) {
    const float first = x[n];
    const float second = x[n + cos.size()];
    x[n] = first * cos[n] - second * sin[n];
    x[n + cos.size()] = first * sin[n] + second * cos[n];
  }
}

void silu_mul(std::span<const float> gate, std::span<const float> up, std::span<float> out) {
  DRAMATIS_CHECK(gate.size() == up.size() && gate.size() == out.size());
  for (std::size_t n = 0; n < gate.size(); ++n) out[n] = gate[n] / (1.0F + exp(-gate[n])) * up[n];
}

void gelu_mul(std::span<const float> gate, std::span<const float> up, std::span<float> out) {
  DRAMATIS_CHECK(gate.size() == up.size() && gate.size() == out.size());
  for (std::size_t n = 0; n < gate.size(); ++n) {
    const float g = gate[n];
    const float power = g * (internal::kGeluLinear + internal::kGeluCubic * (g * g));
    out[n] = g / (1.0F + exp(-power)) * up[n];
  }
}

void soft_cap(std::span<float> x, float cap) {
  DRAMATIS_CHECK(cap > 0);
  const float inverse = 2.0F / cap;
  for (float& value : x) {
    // tanh(y) = 1 - 2 / (exp(2y) + 1); exp bounds its argument, so the difference keeps a NaN.
    const float capped = cap - 2.0F * cap / (exp(value * inverse) + 1.0F);
    value = capped + (value - value);
  }
}

void scale(std::span<float> x, float factor) {
  for (float& value : x) value *= factor;
}

void add(std::span<const float> y, std::span<float> x) {
  DRAMATIS_CHECK(x.size() == y.size());
  for (std::size_t n = 0; n < x.size(); ++n) x[n] += y[n];
}

}  // namespace dramatis::kernels::reference
