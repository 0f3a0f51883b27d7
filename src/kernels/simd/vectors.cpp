// Norm, softmax, rotation, gate and addition on vector registers.
#include "kernels/vectors.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/gelu_terms.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/vectors.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

void rms_norm_here(std::span<const float> x, std::span<const float> weight, float epsilon,
                   std::span<float> out) {
  float squares = 0;
  dots<1>(x.data(), x.data(), 0, x.size(), &squares);
  const float scale = 1.0F / std::sqrt(squares / static_cast<float>(x.size()) + epsilon);
  const Tag d;
  const auto scale_v = hn::Set(d, scale);
  std::size_t n = 0;
  for (; n + kWidth <= x.size(); n += kWidth) {
    const auto scaled = hn::Mul(hn::LoadU(d, x.data() + n), scale_v);
    hn::StoreU(hn::Mul(scaled, hn::LoadU(d, weight.data() + n)), d, out.data() + n);
  }
  for (; n < x.size(); ++n) out[n] = x[n] * scale * weight[n];
}

float largest(std::span<const float> x) {
  const Tag d;
  auto most = hn::Set(d, x[0]);
  std::size_t n = 0;
  for (; n + kWidth <= x.size(); n += kWidth) most = hn::Max(most, hn::LoadU(d, x.data() + n));
  float found = hn::GetLane(hn::MaxOfLanes(d, most));
  for (; n < x.size(); ++n) found = std::max(found, x[n]);
  return found;
}

// exp bounds its argument, so the difference keeps a NaN; to a power, which is above 0, it adds no
// bit.
template <class D>
HWY_INLINE hn::Vec<D> share_of(D d, hn::Vec<D> x, float most) {
  return hn::Add(exp_of(d, hn::Sub(x, hn::Set(d, most))), hn::Sub(x, x));
}

void softmax_here(std::span<float> x) {
  const Tag d;
  const float most = largest(x);
  Vector sums[kVectors];
  for (auto& sum : sums) sum = hn::Zero(d);
  std::size_t n = 0;
  for (; n + kLanes <= x.size(); n += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      float* at = x.data() + n + v * kWidth;
      const auto power = share_of(d, hn::LoadU(d, at), most);
      hn::StoreU(power, d, at);
      sums[v] = hn::Add(sums[v], power);
    }
  }
  alignas(64) float rest[kLanes] = {};
  for (std::size_t i = 0; n + i < x.size(); ++i) {
    const OneTag one;
    rest[i] = hn::GetLane(share_of(one, hn::Set(one, x[n + i]), most));
    x[n + i] = rest[i];
  }
  for (std::size_t v = 0; v < kVectors; ++v)
    sums[v] = hn::Add(sums[v], hn::Load(d, rest + v * kWidth));
  const float scale = 1.0F / sum_lanes(sums);
  for (float& value : x) value *= scale;
}

void rope_here(std::span<float> x, std::span<const float> cos, std::span<const float> sin) {
  const Tag d;
  std::size_t n = 0;
  for (; n + kWidth <= cos.size(); n += kWidth) {
    Vector first;
    Vector second;
    hn::LoadInterleaved2(d, x.data() + 2 * n, first, second);
    const auto c = hn::LoadU(d, cos.data() + n);
    const auto s = hn::LoadU(d, sin.data() + n);
    hn::StoreInterleaved2(hn::Sub(hn::Mul(first, c), hn::Mul(second, s)),
                          hn::Add(hn::Mul(first, s), hn::Mul(second, c)), d, x.data() + 2 * n);
  }
  for (; n < cos.size(); ++n) {
    const float first = x[2 * n];
    const float second = x[2 * n + 1];
    x[2 * n] = first * cos[n] - second * sin[n];
    x[2 * n + 1] = first * sin[n] + second * cos[n];
  }
}

void rope_halves_here(std::span<float> x, std::span<const float> cos, std::span<const float> sin) {
  const Tag d;
  float* low = x.data();
  float* high = x.data() + cos.size();
  std::size_t n = 0;
  for (; n + kWidth <= cos.size(); n += kWidth) {
    const auto first = hn::LoadU(d, low + n);
    const auto second = hn::LoadU(d, high + n);
    const auto c = hn::LoadU(d, cos.data() + n);
    const auto s = hn::LoadU(d, sin.data() + n);
    hn::StoreU(hn::Sub(hn::Mul(first, c), hn::Mul(second, s)), d, low + n);
    hn::StoreU(hn::Add(hn::Mul(first, s), hn::Mul(second, c)), d, high + n);
  }
  for (; n < cos.size(); ++n) {
    const float first = low[n];
    const float second = high[n];
    low[n] = first * cos[n] - second * sin[n];
    high[n] = first * sin[n] + second * cos[n];
  }
}

template <class D>
HWY_INLINE void silu_mul_at(D d, const float* gate, const float* up, float* out) {
  const auto g = hn::LoadU(d, gate);
  const auto below = hn::Add(hn::Set(d, 1.0F), exp_of(d, hn::Neg(g)));
  hn::StoreU(hn::Mul(hn::Div(g, below), hn::LoadU(d, up)), d, out);
}

void silu_mul_here(std::span<const float> gate, std::span<const float> up, std::span<float> out) {
  std::size_t n = 0;
  for (; n + kWidth <= gate.size(); n += kWidth)
    silu_mul_at(Tag(), gate.data() + n, up.data() + n, out.data() + n);
  for (; n < gate.size(); ++n)
    silu_mul_at(OneTag(), gate.data() + n, up.data() + n, out.data() + n);
}

template <class D>
HWY_INLINE void gelu_mul_at(D d, const float* gate, const float* up, float* out) {
  const auto g = hn::LoadU(d, gate);
  const auto cubic = hn::Mul(hn::Set(d, internal::kGeluCubic), hn::Mul(g, g));
  const auto power = hn::Mul(g, hn::Add(hn::Set(d, internal::kGeluLinear), cubic));
  const auto below = hn::Add(hn::Set(d, 1.0F), exp_of(d, hn::Neg(power)));
  hn::StoreU(hn::Mul(hn::Div(g, below), hn::LoadU(d, up)), d, out);
}

void gelu_mul_here(std::span<const float> gate, std::span<const float> up, std::span<float> out) {
  std::size_t n = 0;
  for (; n + kWidth <= gate.size(); n += kWidth)
    gelu_mul_at(Tag(), gate.data() + n, up.data() + n, out.data() + n);
  for (; n < gate.size(); ++n)
    gelu_mul_at(OneTag(), gate.data() + n, up.data() + n, out.data() + n);
}

template <class D>
HWY_INLINE void soft_cap_at(D d, float cap, float* x) {
  const auto value = hn::LoadU(d, x);
  const auto power = exp_of(d, hn::Mul(value, hn::Set(d, 2.0F / cap)));
  const auto below = hn::Add(power, hn::Set(d, 1.0F));
  const auto capped = hn::Sub(hn::Set(d, cap), hn::Div(hn::Set(d, 2.0F * cap), below));
  hn::StoreU(hn::Add(capped, hn::Sub(value, value)), d, x);
}

void soft_cap_here(std::span<float> x, float cap) {
  std::size_t n = 0;
  for (; n + kWidth <= x.size(); n += kWidth) soft_cap_at(Tag(), cap, x.data() + n);
  for (; n < x.size(); ++n) soft_cap_at(OneTag(), cap, x.data() + n);
}

void scale_here(std::span<float> x, float factor) {
  for (float& value : x) value *= factor;
}

void add_here(std::span<const float> y, std::span<float> x) {
  const Tag d;
  std::size_t n = 0;
  for (; n + kWidth <= x.size(); n += kWidth) {
    hn::StoreU(hn::Add(hn::LoadU(d, x.data() + n), hn::LoadU(d, y.data() + n)), d, x.data() + n);
  }
  for (; n < x.size(); ++n) x[n] += y[n];
}

void narrow_here(std::span<const float> x, std::span<std::uint16_t> out) {
  std::size_t n = 0;
#if HWY_ARCH_X86 && \
    HWY_TARGET <= HWY_AVX2  // elsewhere Highway's own conversion does not round to even
  const hn::Rebind<hwy::float16_t, Tag> halves;
  for (; n + kWidth <= x.size(); n += kWidth) {
    hn::StoreU(hn::DemoteTo(halves, hn::LoadU(Tag(), x.data() + n)), halves,
               reinterpret_cast<hwy::float16_t*>(out.data() + n));
  }
#endif
  for (; n < x.size(); ++n) out[n] = to_f16(x[n]);
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(rms_norm_here);
HWY_EXPORT(softmax_here);
HWY_EXPORT(rope_here);
HWY_EXPORT(rope_halves_here);
HWY_EXPORT(silu_mul_here);
HWY_EXPORT(gelu_mul_here);
HWY_EXPORT(soft_cap_here);
HWY_EXPORT(scale_here);
HWY_EXPORT(add_here);
HWY_EXPORT(narrow_here);

void rms_norm(std::span<const float> x, std::span<const float> weight, float epsilon,
              std::span<float> out) {
  DRAMATIS_CHECK(!x.empty() && x.size() == weight.size() && x.size() == out.size());
  HWY_DYNAMIC_DISPATCH(rms_norm_here)(x, weight, epsilon, out);
}

void softmax(std::span<float> x) {
  DRAMATIS_CHECK(!x.empty());
  HWY_DYNAMIC_DISPATCH(softmax_here)(x);
}

void rope(std::span<float> x, std::span<const float> cos, std::span<const float> sin) {
  DRAMATIS_CHECK(cos.size() == sin.size() && x.size() == 2 * cos.size());
  HWY_DYNAMIC_DISPATCH(rope_here)(x, cos, sin);
}

void rope_halves(std::span<float> x, std::span<const float> cos, std::span<const float> sin) {
  DRAMATIS_CHECK(cos.size() == sin.size() && x.size() == 2 * cos.size());
  HWY_DYNAMIC_DISPATCH(rope_halves_here)(x, cos, sin);
}

void gelu_mul(std::span<const float> gate, std::span<const float> up, std::span<float> out) {
  DRAMATIS_CHECK(gate.size() == up.size() && gate.size() == out.size());
  HWY_DYNAMIC_DISPATCH(gelu_mul_here)(gate, up, out);
}

void soft_cap(std::span<float> x, float cap) {
  DRAMATIS_CHECK(cap > 0);
  HWY_DYNAMIC_DISPATCH(soft_cap_here)(x, cap);
}

void scale(std::span<float> x, float factor) {
  HWY_DYNAMIC_DISPATCH(scale_here)(x, factor);
}

void silu_mul(std::span<const float> gate, std::span<const float> up, std::span<float> out) {
  DRAMATIS_CHECK(gate.size() == up.size() && gate.size() == out.size());
  HWY_DYNAMIC_DISPATCH(silu_mul_here)(gate, up, out);
}

void add(std::span<const float> y, std::span<float> x) {
  DRAMATIS_CHECK(x.size() == y.size());
  HWY_DYNAMIC_DISPATCH(add_here)(y, x);
}

void narrow(std::span<const float> x, std::span<std::uint16_t> out) {
  DRAMATIS_CHECK(x.size() == out.size());
  HWY_DYNAMIC_DISPATCH(narrow_here)(x, out);
}

}  // namespace dramatis::kernels
#endif
