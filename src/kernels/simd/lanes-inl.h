// The sums of kernels/vectors.h on vector registers; compiled once for each target.
#if defined(DRAMATIS_KERNELS_SIMD_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DRAMATIS_KERNELS_SIMD_LANES_INL_H_
#undef DRAMATIS_KERNELS_SIMD_LANES_INL_H_
#else
#define DRAMATIS_KERNELS_SIMD_LANES_INL_H_
#endif

#include <cstring>

#include <hwy/highway.h>

#include "kernels/internal/exp_terms.h"
#include "kernels/vectors.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

namespace hn = hwy::HWY_NAMESPACE;

// 16 lanes are one register of AVX-512, two of AVX2, four of SSE.
using Tag = hn::CappedTag<float, kLanes>;
using Vector = hn::Vec<Tag>;
constexpr std::size_t kWidth = hn::MaxLanes(Tag());
constexpr std::size_t kVectors = kLanes / kWidth;
// For what is left over: the same operations on one number.
using OneTag = hn::CappedTag<float, 1>;

// Loads f32, or f16 widened.
template <class D>
HWY_INLINE hn::Vec<D> load(D d, const float* from) {
  return hn::LoadU(d, from);
}
template <class D>
HWY_INLINE hn::Vec<D> load(D d, const hwy::float16_t* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::float16_t, D>(), from));
}

// Lanes n and n + 8, n + 4, n + 2, n + 1.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128

HWY_INLINE float sum_lanes(const Vector (&lanes)[kVectors]) {
  float all[kLanes];
  for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(lanes[v], Tag(), all + v * kWidth);
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t n = 0; n < half; ++n) all[n] += all[n + half];
  }
  return all[0];
}

#else

// Whole registers while there are several, halves of one after that.
HWY_INLINE hn::Vec<hn::CappedTag<float, 4>> fold_to_four(const Vector (&lanes)[kVectors]) {
#if HWY_TARGET == HWY_AVX3
  const hn::CappedTag<float, 8> eight;
  const auto folded = hn::Add(hn::LowerHalf(eight, lanes[0]), hn::UpperHalf(eight, lanes[0]));
#elif HWY_TARGET == HWY_AVX2
  const auto folded = hn::Add(lanes[0], lanes[1]);
#endif
#if HWY_TARGET <= HWY_AVX2
  const hn::CappedTag<float, 4> four;
  return hn::Add(hn::LowerHalf(four, folded), hn::UpperHalf(four, folded));
#else
  return hn::Add(hn::Add(lanes[0], lanes[2]), hn::Add(lanes[1], lanes[3]));
#endif
}

HWY_INLINE float sum_lanes(const Vector (&lanes)[kVectors]) {
  const auto four = fold_to_four(lanes);
  const auto two = hn::Add(four, hn::Shuffle1032(four));
  return hn::GetLane(hn::Add(two, hn::Shuffle2301(two)));
}

#endif

// The sums of R rows. Four rows of whole registers share their folds: the same pairs are added, in
// a fifth of the shuffles.
template <std::size_t R>
HWY_INLINE void sum_rows(const Vector (&rows)[R][kVectors], float* out) {
#if HWY_TARGET == HWY_AVX3
  if constexpr (R == 4) {
    const auto folded = [](Vector a, Vector b) HWY_ATTR {
      const Tag d;
      return hn::Add(hn::ConcatLowerLower(d, b, a), hn::ConcatUpperUpper(d, b, a));
    };
    const __m512 ab = folded(rows[0][0], rows[1][0]).raw;
    const __m512 cd = folded(rows[2][0], rows[3][0]).raw;
    // Of each row the lower four of its eight, and the upper four.
    const __m512 low = _mm512_shuffle_f32x4(ab, cd, _MM_SHUFFLE(2, 0, 2, 0));
    const __m512 high = _mm512_shuffle_f32x4(ab, cd, _MM_SHUFFLE(3, 1, 3, 1));
    const Vector four{_mm512_add_ps(low, high)};
    const auto two = hn::Add(four, hn::Shuffle1032(four));
    const auto one = hn::Add(two, hn::Shuffle2301(two));
    _mm_storeu_ps(out, _mm512_castps512_ps128(_mm512_maskz_compress_ps(0x1111, one.raw)));
    return;
  }
#endif
  for (std::size_t r = 0; r < R; ++r) out[r] = sum_lanes(rows[r]);
}

// out[r] = x . rows[r], R rows at a time so that 2 R sums are in flight; rows stand `stride`
// numbers apart.
template <std::size_t R, class T>
HWY_INLINE void dots(const float* HWY_RESTRICT x, const T* HWY_RESTRICT rows, std::size_t stride,
                     std::size_t n, float* out) {
  const Tag d;
  Vector sums[R][kVectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = hn::Zero(d);
  }
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const auto x_v = hn::LoadU(d, x + i + v * kWidth);
      for (std::size_t r = 0; r < R; ++r) {
        sums[r][v] = hn::MulAdd(load(d, rows + r * stride + i + v * kWidth), x_v, sums[r][v]);
      }
    }
  }
  if (i < n) {
    alignas(64) float x_rest[kLanes] = {};
    std::memcpy(x_rest, x + i, (n - i) * sizeof(float));
    for (std::size_t r = 0; r < R; ++r) {
      alignas(64) T rest[kLanes] = {};
      std::memcpy(rest, rows + r * stride + i, (n - i) * sizeof(T));
      for (std::size_t v = 0; v < kVectors; ++v) {
        sums[r][v] =
            hn::MulAdd(load(d, rest + v * kWidth), hn::Load(d, x_rest + v * kWidth), sums[r][v]);
      }
    }
  }
  sum_rows<R>(sums, out);
}

template <class D>
HWY_INLINE hn::Vec<D> exp_of(D d, hn::Vec<D> x) {
  const hn::RebindToSigned<D> integers;
  const auto bounded =
      hn::Min(hn::Max(x, hn::Set(d, internal::kExpLeast)), hn::Set(d, internal::kExpMost));
  const auto whole = hn::Round(hn::Mul(bounded, hn::Set(d, internal::kLog2E)));
  auto rest = hn::MulAdd(whole, hn::Set(d, internal::kMinusLn2High), bounded);
  rest = hn::MulAdd(whole, hn::Set(d, internal::kMinusLn2Low), rest);
  auto series = hn::Set(d, internal::kExpTerms[0]);
  for (std::size_t n = 1; n < std::size(internal::kExpTerms); ++n) {
    series = hn::MulAdd(series, rest, hn::Set(d, internal::kExpTerms[n]));
  }
  const auto fraction = hn::Add(hn::MulAdd(series, hn::Mul(rest, rest), rest), hn::Set(d, 1.0F));
  const auto power =
      hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(integers, whole), hn::Set(integers, 127)));
  return hn::Mul(fraction, hn::BitCast(d, power));
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
