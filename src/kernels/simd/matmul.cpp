// Activations times weights on vector registers: a weight row is unpacked once and serves every
// token.
#include "kernels/matmul.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "kernels/internal/unpacked.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/matmul.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/lanes-inl.h"
#include "kernels/simd/unpack_k-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

// Blocks of 32 of a weight row, from one of them on.
struct WeightBlocks {
  const std::int16_t* integers;
  const float* scales;
  const std::int16_t* shifts;  // null in formats without
  const float* shift_scales;

  [[nodiscard]] HWY_INLINE WeightBlocks after(std::size_t blocks) const {
    if (shifts == nullptr) return {integers + blocks * 32, scales + blocks, nullptr, nullptr};
    return {integers + blocks * 32, scales + blocks, shifts + blocks * 2, shift_scales + blocks};
  }
};
// The same of a token's activations.
struct InputBlocks {
  const std::int16_t* integers;
  const float* scales;
  const std::int16_t* sums;  // of each 16 integers; null for formats without shifts

  [[nodiscard]] HWY_INLINE InputBlocks after(std::size_t blocks) const {
    return {integers + blocks * 32, scales + blocks, sums == nullptr ? nullptr : sums + blocks * 2};
  }
};

#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2

using Lanes = __m256;

HWY_INLINE __m256i load_integers(const std::int16_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
// The 32 products of a block as 8 partial sums: two multiply-adds of 16 pairs each. A pair is at
// most 2 * 32 * 128 * 127, so nothing overflows.
HWY_INLINE __m256i partial(const std::int16_t* w, const std::int16_t* x) {
  return _mm256_add_epi32(_mm256_madd_epi16(load_integers(w), load_integers(x)),
                          _mm256_madd_epi16(load_integers(w + 16), load_integers(x + 16)));
}
// Four blocks: their sums over the lower and over the upper half of a register.
HWY_INLINE __m256i partial_four(const std::int16_t* w, const std::int16_t* x) {
  const __m256i a = partial(w, x);
  const __m256i b = partial(w + 32, x + 32);
  const __m256i c = partial(w + 64, x + 64);
  const __m256i d = partial(w + 96, x + 96);
  const __m256i ab = _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
  const __m256i cd = _mm256_add_epi32(_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
  return _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
}

HWY_INLINE Lanes no_lanes() {
  return _mm256_setzero_ps();
}
HWY_INLINE Lanes add_scaled(Lanes lanes, __m256i sums, const float* ws, const float* xs) {
  const __m256 scales = _mm256_mul_ps(_mm256_loadu_ps(ws), _mm256_loadu_ps(xs));
  return _mm256_add_ps(lanes, _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales));
}
// Adds eight blocks, one to each lane.
HWY_INLINE Lanes add_eight(Lanes lanes, const WeightBlocks& w, const InputBlocks& x) {
  const __m256i low = partial_four(w.integers, x.integers);  // halves of blocks 0 to 3, twice
  const __m256i high = partial_four(w.integers + 128, x.integers + 128);  // of blocks 4 to 7
  const __m256i sums = _mm256_add_epi32(_mm256_permute2x128_si256(low, high, 0x20),
                                        _mm256_permute2x128_si256(low, high, 0x31));
  lanes = add_scaled(lanes, sums, w.scales, x.scales);
  if (w.shifts == nullptr) return lanes;
  // Two shifts a block stand beside each other, so one multiply-add gives the eight sums in order.
  const __m256i shifted = _mm256_madd_epi16(load_integers(w.shifts), load_integers(x.sums));
  return add_scaled(lanes, shifted, w.shift_scales, x.scales);
}
HWY_INLINE void store_lanes(Lanes lanes, float* out) {
  _mm256_storeu_ps(out, lanes);
}

#else

struct Lanes {
  float lane[8];
};
HWY_INLINE Lanes no_lanes() {
  return {};
}
HWY_INLINE Lanes add_eight(Lanes lanes, const WeightBlocks& w, const InputBlocks& x) {
  for (int b = 0; b < 8; ++b) {
    std::int32_t sum = 0;
    for (int n = b * 32; n < b * 32 + 32; ++n) sum += w.integers[n] * x.integers[n];
    lanes.lane[b] += static_cast<float>(sum) * (w.scales[b] * x.scales[b]);
    if (w.shifts == nullptr) continue;
    sum = w.shifts[2 * b] * x.sums[2 * b] + w.shifts[2 * b + 1] * x.sums[2 * b + 1];
    lanes.lane[b] += static_cast<float>(sum) * (w.shift_scales[b] * x.scales[b]);
  }
  return lanes;
}
HWY_INLINE void store_lanes(const Lanes& lanes, float* out) {
  std::memcpy(out, lanes.lane, sizeof lanes.lane);
}

#endif

// Fewer than eight blocks, the missing ones zero.
HWY_INLINE Lanes add_rest(Lanes lanes, const WeightBlocks& w, const InputBlocks& x,
                          std::size_t blocks) {
  alignas(32) std::int16_t integers[2][256] = {};
  alignas(32) float scales[3][8] = {};
  alignas(32) std::int16_t pairs[2][16] = {};
  std::memcpy(integers[0], w.integers, blocks * 32 * sizeof(std::int16_t));
  std::memcpy(integers[1], x.integers, blocks * 32 * sizeof(std::int16_t));
  std::memcpy(scales[0], w.scales, blocks * sizeof(float));
  std::memcpy(scales[1], x.scales, blocks * sizeof(float));
  if (w.shifts == nullptr) {
    return add_eight(lanes, {integers[0], scales[0], nullptr, nullptr},
                     {integers[1], scales[1], nullptr});
  }
  std::memcpy(pairs[0], w.shifts, blocks * 2 * sizeof(std::int16_t));
  std::memcpy(pairs[1], x.sums, blocks * 2 * sizeof(std::int16_t));
  std::memcpy(scales[2], w.shift_scales, blocks * sizeof(float));
  return add_eight(lanes, {integers[0], scales[0], pairs[0], scales[2]},
                   {integers[1], scales[1], pairs[1]});
}

HWY_INLINE float dot_blocks(const WeightBlocks& w, const InputBlocks& x, std::size_t blocks) {
  Lanes lanes = no_lanes();
  std::size_t b = 0;
  for (; b + 8 <= blocks; b += 8) lanes = add_eight(lanes, w.after(b), x.after(b));
  if (b < blocks) lanes = add_rest(lanes, w.after(b), x.after(b), blocks - b);
  float all[8];
  store_lanes(lanes, all);
  for (int half = 4; half > 0; half /= 2) {
    for (int n = 0; n < half; ++n) all[n] += all[n + half];
  }
  return all[0];
}

// Sums of each 16 rounded activations: a shift that 16 weights share is multiplied with them once.
// At most 16 * 127.
void sum_sixteens(std::span<const std::int16_t> rounded, std::span<std::int16_t> sums) {
  for (std::size_t n = 0; n < sums.size(); ++n) {
    std::int16_t sum = 0;
    for (std::size_t i = 0; i < internal::kShiftBlock; ++i)
      sum = static_cast<std::int16_t>(sum + rounded[n * internal::kShiftBlock + i]);
    sums[n] = sum;
  }
}

void matmul_rounded(const tensor::MatrixView& weights, RowRange range, const Activations& x,
                    float* out) {
  const bool shifted = internal::has_shifts(weights.dtype);
  const std::size_t blocks = x.columns / kRoundBlock;
  internal::RowRoom room(weights.dtype, x.columns);
  const auto row = room.row();
  const WeightBlocks w{row.integers.data(), row.scales.data(), row.shifts.data(),
                       row.shift_scales.data()};
  tensor::Buffer<std::int16_t> sums(shifted ? x.rows * blocks * 2 : 0);
  sum_sixteens(x.rounded, sums.span());
  for (std::size_t r = range.first; r < range.last; ++r) {
    unpack_integers(weights, r, row);
    for (std::size_t t = 0; t < x.rows; ++t) {
      out[t * weights.rows + r] =
          dot_blocks(w,
                     {x.rounded.data() + t * x.columns, x.scales.data() + t * blocks,
                      shifted ? sums.span().data() + t * blocks * 2 : nullptr},
                     blocks);
    }
  }
}

// A row of a float format or, for embeddings, of any.
void unpack_floats(const tensor::MatrixView& weights, std::size_t r, float* out) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(weights.row(r).data());
  if (weights.dtype == tensor::Dtype::kF32) {
    std::memcpy(out, bytes, weights.columns * sizeof(float));
    return;
  }
  std::size_t n = 0;
  if (weights.dtype == tensor::Dtype::kF16) {
    const auto* halves = reinterpret_cast<const hwy::float16_t*>(bytes);
    for (; n + kWidth <= weights.columns; n += kWidth)
      hn::StoreU(load(Tag(), halves + n), Tag(), out + n);
  }
  for (; n < weights.columns; ++n) {
    std::uint16_t half = 0;
    std::memcpy(&half, bytes + 2 * n, sizeof half);
    out[n] = weights.dtype == tensor::Dtype::kF16 ? from_f16(half) : from_bf16(half);
  }
}

template <std::size_t R>
void matmul_rows(const tensor::MatrixView& weights, std::size_t first, const Activations& x,
                 float* unpacked, float* out) {
  for (std::size_t r = 0; r < R; ++r) unpack_floats(weights, first + r, unpacked + r * x.columns);
  for (std::size_t t = 0; t < x.rows; ++t) {
    dots<R>(x.exact.data() + t * x.columns, unpacked, x.columns, x.columns,
            out + t * weights.rows + first);
  }
}

void matmul_exact(const tensor::MatrixView& weights, RowRange range, const Activations& x,
                  float* out) {
  // Four rows times two registers of AVX2 are eight sums in flight: a fused multiply-add takes four
  // cycles and two start in each.
  constexpr std::size_t kRows = 4;
  tensor::Buffer<float> unpacked(kRows * x.columns);
  std::size_t r = range.first;
  for (; r + kRows <= range.last; r += kRows)
    matmul_rows<kRows>(weights, r, x, unpacked.span().data(), out);
  for (; r < range.last; ++r) matmul_rows<1>(weights, r, x, unpacked.span().data(), out);
}

void matmul_here(const tensor::MatrixView& weights, RowRange range, const Activations& x,
                 float* out) {
  if (wants_rounded(weights.dtype)) {
    matmul_rounded(weights, range, x, out);
  } else {
    matmul_exact(weights, range, x, out);
  }
}

void unpack_row_here(const tensor::MatrixView& weights, std::size_t r, std::span<float> out) {
  if (!wants_rounded(weights.dtype)) {
    unpack_floats(weights, r, out.data());
    return;
  }
  internal::RowRoom room(weights.dtype, out.size());
  const auto row = room.row();
  unpack_integers(weights, r, row);
  for (std::size_t n = 0; n < out.size(); ++n) {
    out[n] = static_cast<float>(row.integers[n]) * row.scales[n / kRoundBlock];
  }
  for (std::size_t n = 0; n < out.size() && !row.shifts.empty(); ++n) {
    out[n] += static_cast<float>(row.shifts[n / internal::kShiftBlock]) *
              row.shift_scales[n / kRoundBlock];
  }
}

void round_block(const float* x, std::int16_t* rounded, float* scale) {
  const Tag d;
  const hn::Rebind<std::int16_t, Tag> halves;
  const hn::RebindToSigned<Tag> integers;
  auto most = hn::Zero(d);
  bool finite = true;
  for (std::size_t n = 0; n < kRoundBlock; n += kWidth) {
    const auto value = hn::LoadU(d, x + n);
    finite = finite && hn::AllTrue(d, hn::IsFinite(value));
    most = hn::Max(most, hn::Abs(value));
  }
  const float largest = hn::GetLane(hn::MaxOfLanes(d, most));
  *scale = finite ? largest / 127.0F : std::numeric_limits<float>::quiet_NaN();
  // Below 2^-120 the inverse would overflow; such a block is zero for every purpose.
  if (!finite || !(largest > 0x1p-120F)) {
    std::memset(rounded, 0, kRoundBlock * sizeof(std::int16_t));
    return;
  }
  const auto inverse = hn::Set(d, 127.0F / largest);
  for (std::size_t n = 0; n < kRoundBlock; n += kWidth) {
    const auto nearest = hn::ConvertTo(integers, hn::Round(hn::Mul(hn::LoadU(d, x + n), inverse)));
    hn::StoreU(hn::DemoteTo(halves, nearest), halves, rounded + n);
  }
}

void round_row_here(std::span<const float> x, std::span<std::int16_t> rounded,
                    std::span<float> scales) {
  for (std::size_t b = 0; b < scales.size(); ++b) {
    round_block(x.data() + b * kRoundBlock, rounded.data() + b * kRoundBlock, &scales[b]);
  }
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(matmul_here);
HWY_EXPORT(unpack_row_here);
HWY_EXPORT(round_row_here);

void matmul(const tensor::MatrixView& weights, RowRange range, const Activations& x,
            std::span<float> out) {
  DRAMATIS_CHECK(weights.columns == x.columns && out.size() == x.rows * weights.rows);
  DRAMATIS_CHECK(range.first <= range.last && range.last <= weights.rows);
  if (wants_rounded(weights.dtype)) {
    DRAMATIS_CHECK(x.rounded.size() == x.rows * x.columns &&
                   x.scales.size() * kRoundBlock == x.rounded.size());
  } else {
    DRAMATIS_CHECK(x.exact.size() == x.rows * x.columns);
  }
  HWY_DYNAMIC_DISPATCH(matmul_here)(weights, range, x, out.data());
}

void unpack_row(const tensor::MatrixView& weights, std::size_t r, std::span<float> out) {
  DRAMATIS_CHECK(out.size() == weights.columns);
  HWY_DYNAMIC_DISPATCH(unpack_row_here)(weights, r, out);
}

void round_row(std::span<const float> x, std::span<std::int16_t> rounded, std::span<float> scales) {
  DRAMATIS_CHECK(x.size() % kRoundBlock == 0 && rounded.size() == x.size() &&
                 scales.size() * kRoundBlock == x.size());
  HWY_DYNAMIC_DISPATCH(round_row_here)(x, rounded, scales);
}

}  // namespace dramatis::kernels
#endif
