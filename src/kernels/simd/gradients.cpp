// Gradients of norm, gate and softmax on vector registers.
#include "kernels/gradients.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/gradients.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

// The rows of one norm.
struct NormRows {
  const float* x;
  const float* weight;
  const float* dy;
  float* dx;
  float* dweight;  // null where it is not wanted
};

template <class D>
HWY_INLINE void norm_back_at(D d, const NormRows& rows, std::size_t n, float r, float pull) {
  const auto x = hn::LoadU(d, rows.x + n);
  const auto dy = hn::LoadU(d, rows.dy + n);
  const auto along = hn::Mul(hn::Mul(dy, hn::LoadU(d, rows.weight + n)), hn::Set(d, r));
  if (rows.dweight != nullptr) {
    const auto learnt = hn::MulAdd(hn::Mul(dy, hn::Set(d, r)), x, hn::LoadU(d, rows.dweight + n));
    hn::StoreU(learnt, d, rows.dweight + n);
  }
  hn::StoreU(hn::NegMulAdd(x, hn::Set(d, pull), along), d, rows.dx + n);
}

void rms_norm_back_here(std::span<const float> x, std::span<const float> weight, float epsilon,
                        std::span<const float> dy, std::span<float> dx, std::span<float> dweight) {
  const Tag d;
  float squares = 0;
  dots<1>(x.data(), x.data(), 0, x.size(), &squares);
  Vector sums[kVectors];
  for (auto& sum : sums) sum = hn::Zero(d);
  std::size_t n = 0;
  for (; n + kLanes <= x.size(); n += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = n + v * kWidth;
      const auto weighted = hn::Mul(hn::LoadU(d, weight.data() + at), hn::LoadU(d, dy.data() + at));
      sums[v] = hn::MulAdd(weighted, hn::LoadU(d, x.data() + at), sums[v]);
    }
  }
  alignas(64) float rest[kLanes] = {};
  for (std::size_t i = 0; n + i < x.size(); ++i) rest[i] = weight[n + i] * dy[n + i] * x[n + i];
  for (std::size_t v = 0; v < kVectors; ++v)
    sums[v] = hn::Add(sums[v], hn::Load(d, rest + v * kWidth));
  const auto width = static_cast<float>(x.size());
  const float r = 1.0F / std::sqrt(squares / width + epsilon);
  const float pull = r * r * r * sum_lanes(sums) / width;
  const NormRows rows{x.data(), weight.data(), dy.data(), dx.data(),
                      dweight.empty() ? nullptr : dweight.data()};
  std::size_t at = 0;
  for (; at + kWidth <= x.size(); at += kWidth) norm_back_at(d, rows, at, r, pull);
  for (; at < x.size(); ++at) norm_back_at(OneTag(), rows, at, r, pull);
}

// The rows of one gate.
struct GateRows {
  const float* dout;
  const float* gate;
  const float* up;
  float* dgate;
  float* dup;
};

template <class D>
HWY_INLINE void gate_back_at(D d, const GateRows& rows, std::size_t n) {
  const auto one = hn::Set(d, 1.0F);
  const auto g = hn::LoadU(d, rows.gate + n);
  const auto dout = hn::LoadU(d, rows.dout + n);
  const auto s = hn::Div(one, hn::Add(one, exp_of(d, hn::Neg(g))));
  const auto slope = hn::Mul(s, hn::MulAdd(g, hn::Sub(one, s), one));
  const auto dgate = hn::Mul(hn::Mul(dout, hn::LoadU(d, rows.up + n)), slope);
  hn::StoreU(hn::Mul(dout, hn::Mul(g, s)), d, rows.dup + n);
  hn::StoreU(dgate, d, rows.dgate + n);
}

void silu_mul_back_here(std::span<const float> dout, std::span<const float> gate,
                        std::span<const float> up, std::span<float> dgate, std::span<float> dup) {
  const GateRows rows{dout.data(), gate.data(), up.data(), dgate.data(), dup.data()};
  std::size_t n = 0;
  for (; n + kWidth <= gate.size(); n += kWidth) gate_back_at(Tag(), rows, n);
  for (; n < gate.size(); ++n) gate_back_at(OneTag(), rows, n);
}

void softmax_back_here(std::span<const float> p, float scale, std::span<float> dp) {
  const Tag d;
  float meeting = 0;
  dots<1>(p.data(), dp.data(), 0, p.size(), &meeting);
  std::size_t n = 0;
  for (; n + kWidth <= p.size(); n += kWidth) {
    const auto less = hn::Sub(hn::LoadU(d, dp.data() + n), hn::Set(d, meeting));
    const auto scaled = hn::Mul(hn::LoadU(d, p.data() + n), hn::Set(d, scale));
    hn::StoreU(hn::Mul(scaled, less), d, dp.data() + n);
  }
  for (; n < p.size(); ++n) dp[n] = p[n] * scale * (dp[n] - meeting);
}

float softmax_with_log_here(std::span<float> x) {
  const Tag d;
  auto most_v = hn::Set(d, x[0]);
  std::size_t n = 0;
  for (; n + kWidth <= x.size(); n += kWidth) most_v = hn::Max(most_v, hn::LoadU(d, x.data() + n));
  float most = hn::GetLane(hn::MaxOfLanes(d, most_v));
  for (; n < x.size(); ++n) most = std::max(most, x[n]);
  Vector sums[kVectors];
  for (auto& sum : sums) sum = hn::Zero(d);
  n = 0;
  for (; n + kLanes <= x.size(); n += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      float* at = x.data() + n + v * kWidth;
      const auto power = exp_of(d, hn::Sub(hn::LoadU(d, at), hn::Set(d, most)));
      hn::StoreU(power, d, at);
      sums[v] = hn::Add(sums[v], power);
    }
  }
  alignas(64) float rest[kLanes] = {};
  for (std::size_t i = 0; n + i < x.size(); ++i) {
    const OneTag one;
    rest[i] = hn::GetLane(exp_of(one, hn::Set(one, x[n + i] - most)));
    x[n + i] = rest[i];
  }
  for (std::size_t v = 0; v < kVectors; ++v)
    sums[v] = hn::Add(sums[v], hn::Load(d, rest + v * kWidth));
  const float sum = sum_lanes(sums);
  const auto share = hn::Set(d, 1.0F / sum);
  n = 0;
  for (; n + kWidth <= x.size(); n += kWidth)
    hn::StoreU(hn::Mul(hn::LoadU(d, x.data() + n), share), d, x.data() + n);
  for (; n < x.size(); ++n) x[n] /= sum;
  return most + std::log(sum);
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(rms_norm_back_here);
HWY_EXPORT(silu_mul_back_here);
HWY_EXPORT(softmax_back_here);
HWY_EXPORT(softmax_with_log_here);

void rms_norm_back(std::span<const float> x, std::span<const float> weight, float epsilon,
                   std::span<const float> dy, std::span<float> dx, std::span<float> dweight) {
  DRAMATIS_CHECK(!x.empty() && x.size() == weight.size() && x.size() == dy.size() &&
                 x.size() == dx.size() && (dweight.empty() || dweight.size() == x.size()));
  HWY_DYNAMIC_DISPATCH(rms_norm_back_here)(x, weight, epsilon, dy, dx, dweight);
}

void silu_mul_back(std::span<const float> dout, std::span<const float> gate,
                   std::span<const float> up, std::span<float> dgate, std::span<float> dup) {
  DRAMATIS_CHECK(gate.size() == dout.size() && gate.size() == up.size() &&
                 gate.size() == dgate.size() && gate.size() == dup.size());
  HWY_DYNAMIC_DISPATCH(silu_mul_back_here)(dout, gate, up, dgate, dup);
}

void softmax_back(std::span<const float> p, float scale, std::span<float> dp) {
  DRAMATIS_CHECK(!p.empty() && p.size() == dp.size());
  HWY_DYNAMIC_DISPATCH(softmax_back_here)(p, scale, dp);
}

float softmax_with_log(std::span<float> x) {
  DRAMATIS_CHECK(!x.empty());
  return HWY_DYNAMIC_DISPATCH(softmax_with_log_here)(x);
}

}  // namespace dramatis::kernels
#endif
