// Packed products, layer norm and GELU on vector registers.
#include "kernels/dense.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "kernels/internal/erf_terms.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/dense.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

constexpr std::size_t kPanelVectors = kPanelWidth / kWidth;
// Tokens computed together. A fused multiply-add takes four cycles and two start in each, so at
// least 8 sums must be in flight: 8 tokens x 2 registers are half of AVX-512's 32; 3 x 4 and one of
// each input are all of AVX2's 16.
constexpr std::size_t kTileRows = kWidth >= 16 ? 8 : kWidth == 8 ? 3 : 1;

// One panel times R rows of `inputs` numbers: the first `columns` outputs go to rows of `out` that
// stand `stride` numbers apart.
template <std::size_t R>
HWY_INLINE void tile(const float* HWY_RESTRICT panel, const float* HWY_RESTRICT x,
                     std::size_t inputs, float* HWY_RESTRICT out, std::size_t stride,
                     std::size_t columns) {
  const Tag d;
  Vector sums[R][kPanelVectors];
  for (std::size_t v = 0; v < kPanelVectors; ++v) {
    for (std::size_t r = 0; r < R; ++r) sums[r][v] = hn::Load(d, panel + v * kWidth);
  }
  for (std::size_t i = 0; i < inputs; ++i) {
    const float* weights = panel + (i + 1) * kPanelWidth;
    Vector numbers[R];
    for (std::size_t r = 0; r < R; ++r) numbers[r] = hn::Set(d, x[r * inputs + i]);
    for (std::size_t v = 0; v < kPanelVectors; ++v) {
      const auto weight = hn::Load(d, weights + v * kWidth);
      for (std::size_t r = 0; r < R; ++r) sums[r][v] = hn::MulAdd(weight, numbers[r], sums[r][v]);
    }
  }
  for (std::size_t r = 0; r < R; ++r) {
    alignas(64) float row[kPanelWidth];
    for (std::size_t v = 0; v < kPanelVectors; ++v) hn::Store(sums[r][v], d, row + v * kWidth);
    std::memcpy(out + r * stride, row, columns * sizeof(float));
  }
}

void multiply_panels_here(const Panels& weights, const float* x, std::size_t rows, float* out) {
  const std::size_t inputs = weights.inputs();
  const std::size_t outputs = weights.outputs();
  for (std::size_t p = 0; p < weights.count(); ++p) {
    const float* panel = weights.panel(p).data();
    float* to = out + p * kPanelWidth;
    const std::size_t columns = std::min(kPanelWidth, outputs - p * kPanelWidth);
    std::size_t t = 0;
    for (; t + kTileRows <= rows; t += kTileRows)
      tile<kTileRows>(panel, x + t * inputs, inputs, to + t * outputs, outputs, columns);
    for (; t < rows; ++t)
      tile<1>(panel, x + t * inputs, inputs, to + t * outputs, outputs, columns);
  }
}

// The sum of x, or of its squared distances from `mean`.
template <bool kSquares>
HWY_INLINE float sum_of(std::span<const float> x, float mean) {
  const Tag d;
  const auto mean_v = hn::Set(d, mean);
  Vector sums[kVectors];
  for (auto& sum : sums) sum = hn::Zero(d);
  const auto take = [&](const float* from) HWY_ATTR {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto value = hn::Sub(hn::LoadU(d, from + v * kWidth), mean_v);
      sums[v] = kSquares ? hn::MulAdd(value, value, sums[v]) : hn::Add(sums[v], value);
    }
  };
  std::size_t n = 0;
  for (; n + kLanes <= x.size(); n += kLanes) take(x.data() + n);
  if (n < x.size()) {
    alignas(64) float rest[kLanes];
    std::fill_n(rest, kLanes, mean);  // so that missing elements add nothing
    std::memcpy(rest, x.data() + n, (x.size() - n) * sizeof(float));
    take(rest);
  }
  return sum_lanes(sums);
}

template <class D>
HWY_INLINE void normalise_at(D d, const float* x, const float* weight, const float* bias,
                             float mean, float scale, float* out) {
  const auto value = hn::Mul(hn::Sub(hn::LoadU(d, x), hn::Set(d, mean)), hn::Set(d, scale));
  hn::StoreU(hn::MulAdd(value, hn::LoadU(d, weight), hn::LoadU(d, bias)), d, out);
}

void layer_norm_here(std::span<const float> x, std::span<const float> weight,
                     std::span<const float> bias, float epsilon, std::span<float> out) {
  const auto count = static_cast<float>(x.size());
  const float mean = sum_of<false>(x, 0.0F) / count;
  const float scale = 1.0F / std::sqrt(sum_of<true>(x, mean) / count + epsilon);
  std::size_t n = 0;
  for (; n + kWidth <= x.size(); n += kWidth)
    normalise_at(Tag(), &x[n], &weight[n], &bias[n], mean, scale, &out[n]);
  for (; n < x.size(); ++n)
    normalise_at(OneTag(), &x[n], &weight[n], &bias[n], mean, scale, &out[n]);
}

template <class D>
HWY_INLINE void gelu_at(D d, float* x) {
  const auto value = hn::LoadU(d, x);
  const auto one = hn::Set(d, 1.0F);
  const auto t = hn::Div(one, hn::MulAdd(hn::Abs(value), hn::Set(d, internal::kErfSlope), one));
  auto series = hn::Set(d, internal::kErfTerms[0]);
  for (std::size_t n = 1; n < std::size(internal::kErfTerms); ++n) {
    series = hn::MulAdd(series, t, hn::Set(d, internal::kErfTerms[n]));
  }
  const auto power = exp_of(d, hn::Mul(hn::Mul(value, value), hn::Set(d, -0.5F)));
  const auto below = hn::Mul(hn::Mul(series, t), power);
  const auto share = hn::IfThenElse(hn::Lt(value, hn::Zero(d)), below, hn::Sub(one, below));
  hn::StoreU(hn::Mul(value, share), d, x);
}

void gelu_here(std::span<float> x) {
  std::size_t n = 0;
  for (; n + kWidth <= x.size(); n += kWidth) gelu_at(Tag(), &x[n]);
  for (; n < x.size(); ++n) gelu_at(OneTag(), &x[n]);
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(multiply_panels_here);
HWY_EXPORT(layer_norm_here);
HWY_EXPORT(gelu_here);

void multiply_panels(const Panels& weights, std::span<const float> x, std::span<float> out) {
  DRAMATIS_CHECK(weights.inputs() > 0 && x.size() % weights.inputs() == 0);
  const std::size_t rows = x.size() / weights.inputs();
  DRAMATIS_CHECK(out.size() == rows * weights.outputs());
  HWY_DYNAMIC_DISPATCH(multiply_panels_here)(weights, x.data(), rows, out.data());
}

void layer_norm(std::span<const float> x, std::span<const float> weight,
                std::span<const float> bias, float epsilon, std::span<float> out) {
  DRAMATIS_CHECK(!x.empty() && x.size() == weight.size() && x.size() == bias.size() &&
                 x.size() == out.size());
  HWY_DYNAMIC_DISPATCH(layer_norm_here)(x, weight, bias, epsilon, out);
}

void gelu(std::span<float> x) {
  HWY_DYNAMIC_DISPATCH(gelu_here)(x);
}

}  // namespace dramatis::kernels
#endif
