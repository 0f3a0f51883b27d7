// Attention of one head on vector registers: four keys at a time, then the values in order.
#include "kernels/attention.h"

#include <algorithm>

#include "base/check.h"
#include "kernels/simd/targets.h"
#include "kernels/vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/attention.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

template <class T>
void score_keys(const HeadView& head, const T* keys, std::span<float> scores) {
  const std::size_t width = head.query.size();
  std::size_t n = 0;
  for (; n + 4 <= scores.size(); n += 4) {
    dots<4>(head.query.data(), keys + n * head.stride, head.stride, width, scores.data() + n);
  }
  for (; n < scores.size(); ++n) {
    dots<1>(head.query.data(), keys + n * head.stride, head.stride, width, scores.data() + n);
  }
  for (float& score : scores) score *= head.scale;
}

// out[at, at + V * lanes of D) over all values, in the order of the keys.
template <std::size_t V, class D, class T>
HWY_INLINE void sum_values(D d, const T* values, std::size_t stride, std::span<const float> scores,
                           float* out) {
  hn::Vec<D> sums[V];
  for (auto& sum : sums) sum = hn::Zero(d);
  for (std::size_t n = 0; n < scores.size(); ++n) {
    const auto share = hn::Set(d, scores[n]);
    for (std::size_t v = 0; v < V; ++v) {
      sums[v] = hn::MulAdd(share, load(d, values + n * stride + v * hn::MaxLanes(d)), sums[v]);
    }
  }
  for (std::size_t v = 0; v < V; ++v) hn::StoreU(sums[v], d, out + v * hn::MaxLanes(d));
}

template <class T>
void mix_values(const HeadView& head, const T* values, std::span<const float> scores,
                std::span<float> out) {
  std::size_t at = 0;
  for (; at + 4 * kWidth <= out.size(); at += 4 * kWidth) {
    sum_values<4>(Tag(), values + at, head.stride, scores, out.data() + at);
  }
  for (; at + kWidth <= out.size(); at += kWidth) {
    sum_values<1>(Tag(), values + at, head.stride, scores, out.data() + at);
  }
  for (; at < out.size(); ++at)
    sum_values<1>(OneTag(), values + at, head.stride, scores, out.data() + at);
}

template <class T>
void attend_over(const HeadView& head, KvWindow seen, std::span<float> scores,
                 std::span<float> out) {
  const auto used = scores.first(seen.length);
  const std::size_t from = seen.first * head.stride;
  score_keys(head, reinterpret_cast<const T*>(head.keys) + from, used);
  if (head.cap > 0) kernels::soft_cap(used, head.cap);
  kernels::softmax(used);
  mix_values(head, reinterpret_cast<const T*>(head.values) + from, used, out);
}

void attend_here(const HeadView& head, KvWindow seen, std::span<float> scores,
                 std::span<float> out) {
  if (head.dtype == tensor::Dtype::kF32) {
    attend_over<float>(head, seen, scores, out);
  } else {
    attend_over<hwy::float16_t>(head, seen, scores, out);
  }
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(attend_here);

void attend(const HeadView& head, KvWindow seen, std::span<float> scores, std::span<float> out) {
  DRAMATIS_CHECK(seen.length > 0 && scores.size() >= seen.length &&
                 out.size() == head.query.size());
  DRAMATIS_CHECK(head.dtype == tensor::Dtype::kF32 || head.dtype == tensor::Dtype::kF16);
  HWY_DYNAMIC_DISPATCH(attend_here)(head, seen, scores, out);
}

}  // namespace dramatis::kernels
#endif
