// The product of one weight row with one token, eight blocks at a time, one for each lane.
#if defined(DRAMATIS_KERNELS_SIMD_BLOCKS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DRAMATIS_KERNELS_SIMD_BLOCKS_INL_H_
#undef DRAMATIS_KERNELS_SIMD_BLOCKS_INL_H_
#else
#define DRAMATIS_KERNELS_SIMD_BLOCKS_INL_H_
#endif

#include <cstring>

#include <hwy/highway.h>

#include "kernels/internal/inputs.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

// A weight row, from one of its blocks on; null where the format has none.
struct WeightBlocks {
  const std::int8_t* integers;
  const float* scales;
  const std::int16_t* multipliers;
  const std::int16_t* shifts;
  const float* shift_scales;
};

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2

using Lanes = __m256;

HWY_INLINE __m256i load_bits(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
// The 32 products of a block as 8 partial sums, the lower four of its first half. Pairs of |w| and
// of x with w's sign are at most 2 * 128 * 127, so the saturation of 16 bits is never reached.
HWY_INLINE __m256i partial(const std::int8_t* w, const std::int8_t* x) {
  const __m256i w_v = load_bits(w);
  const __m256i pairs =
      _mm256_maddubs_epi16(_mm256_abs_epi8(w_v), _mm256_sign_epi8(load_bits(x), w_v));
  return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}
// Four blocks: the sums of their first halves in the lower half of a register, of their second ones
// in the upper.
HWY_INLINE __m256i partial_four(const std::int8_t* w, const std::int8_t* x) {
  const __m256i a = partial(w, x);
  const __m256i b = partial(w + 32, x + 32);
  const __m256i c = partial(w + 64, x + 64);
  const __m256i d = partial(w + 96, x + 96);
  const __m256i ab = _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
  const __m256i cd = _mm256_add_epi32(_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
  return _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
}
// The lower and the upper 16 bits of each pair.
HWY_INLINE __m256i first_of_pairs(__m256i pairs) {
  return _mm256_srai_epi32(_mm256_slli_epi32(pairs, 16), 16);
}
HWY_INLINE __m256i second_of_pairs(__m256i pairs) {
  return _mm256_srai_epi32(pairs, 16);
}

HWY_INLINE Lanes no_lanes() {
  return _mm256_setzero_ps();
}
HWY_INLINE Lanes add_scaled(Lanes lanes, __m256i sums, const float* ws, const float* xs) {
  const __m256 scales = _mm256_mul_ps(_mm256_loadu_ps(ws), _mm256_loadu_ps(xs));
  return _mm256_add_ps(lanes, _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales));
}
HWY_INLINE Lanes add_eight(Lanes lanes, const WeightBlocks& w, const internal::InputRow& x) {
  const __m256i low = partial_four(w.integers, x.integers);
  const __m256i high = partial_four(w.integers + 128, x.integers + 128);
  __m256i first = _mm256_permute2x128_si256(low, high, 0x20);
  __m256i second = _mm256_permute2x128_si256(low, high, 0x31);
  if (w.multipliers != nullptr) {
    const __m256i pairs = load_bits(w.multipliers);
    first = _mm256_mullo_epi32(first, first_of_pairs(pairs));
    second = _mm256_mullo_epi32(second, second_of_pairs(pairs));
  }
  lanes = add_scaled(lanes, _mm256_add_epi32(first, second), w.scales, x.scales);
  if (w.shifts == nullptr) return lanes;
  // Two shifts a block stand beside each other, so one multiply-add gives the eight sums in order.
  const __m256i shifted = _mm256_madd_epi16(load_bits(w.shifts), load_bits(x.sums));
  return add_scaled(lanes, shifted, w.shift_scales, x.scales);
}
HWY_INLINE void store_lanes(Lanes lanes, float* out) {
  _mm256_storeu_ps(out, lanes);
}

#else

struct Lanes {
  float lane[internal::kSumLanes];
};
HWY_INLINE Lanes no_lanes() {
  return {};
}
HWY_INLINE std::int32_t dot_part(const std::int8_t* w, const std::int8_t* x) {
  std::int32_t sum = 0;
  for (std::size_t n = 0; n < internal::kPart; ++n) sum += w[n] * x[n];
  return sum;
}
HWY_INLINE Lanes add_eight(Lanes lanes, const WeightBlocks& w, const internal::InputRow& x) {
  for (std::size_t b = 0; b < internal::kSumLanes; ++b) {
    std::int32_t first = dot_part(w.integers + b * 32, x.integers + b * 32);
    std::int32_t second = dot_part(w.integers + b * 32 + 16, x.integers + b * 32 + 16);
    if (w.multipliers != nullptr) {
      first *= w.multipliers[2 * b];
      second *= w.multipliers[2 * b + 1];
    }
    lanes.lane[b] += static_cast<float>(first + second) * (w.scales[b] * x.scales[b]);
    if (w.shifts == nullptr) continue;
    const int shifted = w.shifts[2 * b] * x.sums[2 * b] + w.shifts[2 * b + 1] * x.sums[2 * b + 1];
    lanes.lane[b] += static_cast<float>(shifted) * (w.shift_scales[b] * x.scales[b]);
  }
  return lanes;
}
HWY_INLINE void store_lanes(const Lanes& lanes, float* out) {
  std::memcpy(out, lanes.lane, sizeof lanes.lane);
}

#endif

// What lies past `blocks` in both rows is zero up to a whole group, and adds nothing.
HWY_INLINE float dot_blocks(WeightBlocks w, internal::InputRow x, std::size_t blocks) {
  Lanes lanes = no_lanes();
  for (std::size_t b = 0; b < blocks; b += internal::kSumLanes) {
    lanes = add_eight(lanes, w, x);
    w.integers += internal::kSumLanes * kRoundBlock;
    w.scales += internal::kSumLanes;
    if (w.multipliers != nullptr) w.multipliers += internal::kSumLanes * internal::kPartsOfBlock;
    if (w.shifts != nullptr) w.shifts += internal::kSumLanes * internal::kPartsOfBlock;
    if (w.shifts != nullptr) w.shift_scales += internal::kSumLanes;
    x.integers += internal::kSumLanes * kRoundBlock;
    x.scales += internal::kSumLanes;
    x.sums += internal::kSumLanes * internal::kPartsOfBlock;
  }
  float all[internal::kSumLanes];
  store_lanes(lanes, all);
  for (std::size_t half = internal::kSumLanes / 2; half > 0; half /= 2) {
    for (std::size_t n = 0; n < half; ++n) all[n] += all[n + half];
  }
  return all[0];
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
