// AdamW on vector registers.
#include "kernels/adamw.h"

#include "base/check.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/adamw.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

// The rows of one parameter.
struct LearntRows {
  const float* gradient;
  float* first;
  float* second;
  float* x;
};

template <class D>
HWY_INLINE void adamw_at(D d, const AdamWStep& step, const LearntRows& rows, std::size_t n) {
  const auto g = hn::Mul(hn::LoadU(d, rows.gradient + n), hn::Set(d, step.gain));
  const auto old_first = hn::LoadU(d, rows.first + n);
  const auto first = hn::MulAdd(hn::Sub(g, old_first), hn::Set(d, 1 - step.first), old_first);
  const auto old_second = hn::LoadU(d, rows.second + n);
  const auto second =
      hn::MulAdd(hn::Sub(hn::Mul(g, g), old_second), hn::Set(d, 1 - step.second), old_second);
  const auto size =
      hn::MulAdd(hn::Sqrt(second), hn::Set(d, step.size_fix), hn::Set(d, step.epsilon));
  const auto way = hn::Div(hn::Mul(first, hn::Set(d, step.rate)), size);
  hn::StoreU(first, d, rows.first + n);
  hn::StoreU(second, d, rows.second + n);
  hn::StoreU(hn::MulSub(hn::LoadU(d, rows.x + n), hn::Set(d, step.kept), way), d, rows.x + n);
}

void adamw_step_here(const AdamWStep& step, std::span<const float> gradient, std::span<float> first,
                     std::span<float> second, std::span<float> x) {
  const LearntRows rows{gradient.data(), first.data(), second.data(), x.data()};
  std::size_t n = 0;
  for (; n + kWidth <= x.size(); n += kWidth) adamw_at(Tag(), step, rows, n);
  for (; n < x.size(); ++n) adamw_at(OneTag(), step, rows, n);
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {
HWY_EXPORT(adamw_step_here);

void adamw_step(const AdamWStep& step, std::span<const float> gradient, std::span<float> first,
                std::span<float> second, std::span<float> x) {
  DRAMATIS_CHECK(gradient.size() == x.size() && first.size() == x.size() &&
                 second.size() == x.size());
  HWY_DYNAMIC_DISPATCH(adamw_step_here)(step, gradient, first, second, x);
}

}  // namespace dramatis::kernels
#endif
