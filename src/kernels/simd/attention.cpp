// Attention of one head on vector registers: four keys at a time, then the values in order.
#include "kernels/attention.h"

#include <algorithm>

#include "base/check.h"
#include "kernels/internal/kv_rows.h"
#include "kernels/simd/targets.h"
#include "kernels/vectors.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/attention.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

// Numbers `at` and on of a row, one for each lane of D.
template <class D, class T>
struct FloatRow {
  static HWY_INLINE hn::Vec<D> load_at(D d, const std::byte* row, std::size_t at) {
    return load(d, reinterpret_cast<const T*>(row) + at);
  }
};
template <class D>
struct Q8Row {
  static HWY_INLINE hn::Vec<D> load_at(D d, const std::byte* row, std::size_t at) {
    const auto* block = row + at / internal::kKvBlock * internal::kKvBlockBytes;
    const OneTag one;
    const float scale = hn::GetLane(load(one, reinterpret_cast<const hwy::float16_t*>(block)));
    const auto* integers = reinterpret_cast<const std::int8_t*>(block) + internal::kKvScaleBytes +
                           at % internal::kKvBlock;
    const hn::RebindToSigned<D> wide;
    const auto loaded = hn::LoadU(hn::Rebind<std::int8_t, D>(), integers);
    return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(wide, loaded)), hn::Set(d, scale));
  }
};

struct F32 {
  template <class D>
  using Row = FloatRow<D, float>;
};
struct F16 {
  template <class D>
  using Row = FloatRow<D, hwy::float16_t>;
};
struct Q8 {
  template <class D>
  using Row = Q8Row<D>;
};

// Keys of a float format: the sums of lanes-inl.h.
template <class T>
HWY_INLINE void score_run(const HeadView& head, internal::KvRun run, float* scores) {
  const auto* keys = reinterpret_cast<const T*>(run.rows);
  const std::size_t stride = head.row_bytes / sizeof(T);
  const std::size_t width = head.query.size();
  std::size_t n = 0;
  for (; n + 4 <= run.count; n += 4)
    dots<4>(head.query.data(), keys + n * stride, stride, width, scores + n);
  for (; n < run.count; ++n)
    dots<1>(head.query.data(), keys + n * stride, stride, width, scores + n);
}

// Several rows of Q8_0 at a time: the same lanes in the same order, each number widened on its way.
template <std::size_t R>
HWY_INLINE void dots_q8(const HeadView& head, const std::byte* rows, float* out) {
  const Tag d;
  Vector sums[R][kVectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = hn::Zero(d);
  }
  for (std::size_t i = 0; i < head.query.size(); i += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = i + v * kWidth;
      const auto query = hn::LoadU(d, head.query.data() + at);
      for (std::size_t r = 0; r < R; ++r)
        sums[r][v] =
            hn::MulAdd(Q8Row<Tag>::load_at(d, rows + r * head.row_bytes, at), query, sums[r][v]);
    }
  }
  sum_rows<R>(sums, out);
}

HWY_INLINE void score_run_q8(const HeadView& head, internal::KvRun run, float* scores) {
  std::size_t n = 0;
  for (; n + 4 <= run.count; n += 4) dots_q8<4>(head, run.rows + n * head.row_bytes, scores + n);
  for (; n < run.count; ++n) dots_q8<1>(head, run.rows + n * head.row_bytes, scores + n);
}

void score_keys(const HeadView& head, KvWindow seen, std::span<float> scores) {
  std::size_t done = 0;
  internal::for_each_run(head, seen, head.keys, [&](internal::KvRun run) {
    float* into = scores.data() + done;
    if (head.dtype == tensor::Dtype::kF32) score_run<float>(head, run, into);
    if (head.dtype == tensor::Dtype::kF16) score_run<hwy::float16_t>(head, run, into);
    if (head.dtype == tensor::Dtype::kQ8_0) score_run_q8(head, run, into);
    done += run.count;
  });
  for (float& score : scores) score *= head.scale;
}

// out[at, at + V * lanes of D) over all values, in the order of the keys.
template <class Format, std::size_t V, class D>
HWY_INLINE void sum_values(D d, const HeadView& head, KvWindow seen, const float* scores,
                           std::size_t at, float* out) {
  hn::Vec<D> sums[V];
  for (auto& sum : sums) sum = hn::Zero(d);
  internal::for_each_run(head, seen, head.values, [&](internal::KvRun run) HWY_ATTR {
    for (std::size_t n = 0; n < run.count; ++n) {
      const auto share = hn::Set(d, *scores++);
      const std::byte* row = run.rows + n * head.row_bytes;
      for (std::size_t v = 0; v < V; ++v)
        sums[v] = hn::MulAdd(
            share, Format::template Row<D>::load_at(d, row, at + v * hn::MaxLanes(d)), sums[v]);
    }
  });
  for (std::size_t v = 0; v < V; ++v) hn::StoreU(sums[v], d, out + at + v * hn::MaxLanes(d));
}

template <class Format>
void mix_values(const HeadView& head, KvWindow seen, const float* scores, std::span<float> out) {
  std::size_t at = 0;
  for (; at + 4 * kWidth <= out.size(); at += 4 * kWidth)
    sum_values<Format, 4>(Tag(), head, seen, scores, at, out.data());
  for (; at + kWidth <= out.size(); at += kWidth)
    sum_values<Format, 1>(Tag(), head, seen, scores, at, out.data());
  for (; at < out.size(); ++at) sum_values<Format, 1>(OneTag(), head, seen, scores, at, out.data());
}

void attend_here(const HeadView& head, KvWindow seen, std::span<float> scores,
                 std::span<float> out) {
  const auto used = scores.first(seen.length);
  score_keys(head, seen, used);
  if (head.cap > 0) kernels::soft_cap(used, head.cap);
  kernels::softmax(used);
  if (head.dtype == tensor::Dtype::kF32) mix_values<F32>(head, seen, used.data(), out);
  if (head.dtype == tensor::Dtype::kF16) mix_values<F16>(head, seen, used.data(), out);
  if (head.dtype == tensor::Dtype::kQ8_0) mix_values<Q8>(head, seen, used.data(), out);
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(attend_here);

void attend(const HeadView& head, KvWindow seen, std::span<float> scores, std::span<float> out) {
  internal::check_head(head, seen, scores, out);
  HWY_DYNAMIC_DISPATCH(attend_here)(head, seen, scores, out);
}

}  // namespace dramatis::kernels
#endif
