// Products of rounded activations by vpdpbusd, which adds four products of unsigned and signed
// bytes to 32 bits. Weights are raised by 128 into unsigned bytes, and 128 times the sum of the
// activations is taken off again: all of it exact, so the bits are those of the other products. Few
// tokens: one weight row at a time, eight blocks in a step. Many: panels of 16 rows, a lane for
// each, so that no sum ever crosses lanes.
#include "kernels/internal/vnni.h"

#include <cstring>

#include <hwy/highway.h>

#include "base/check.h"

#if HWY_ARCH_X86

#include <immintrin.h>

#include "kernels/internal/amx.h"
#include "kernels/simd/panel_sums-inl.h"
#include "kernels/simd/vnni_panel.h"

HWY_PUSH_ATTRIBUTES(DRAMATIS_VNNI_TARGET)
namespace dramatis::kernels::internal {
namespace {

// A panel costs about as much to build as two tokens cost by rows.
constexpr std::size_t kLeastPanelTokens = 3;
// Rows unpacked before the first is used: what was just written in small pieces cannot be read in
// large ones until it has left for the cache.
constexpr std::size_t kRowsAhead = 8;
// Eight tokens times one register are eight chains of vpdpbusd, which takes four or five cycles and
// starts once or twice in each; with their partial sums they leave registers for the weights.
constexpr std::size_t kMostTileTokens = 8;

// A weight row, from one of its blocks on; null where the format has none.
struct Row {
  const std::int8_t* integers;
  const float* scales;
  const std::int16_t* multipliers;
  const std::int16_t* shifts;
  const float* shift_scales;
};

// 64 products as 16 sums; of both blocks, the lower half of their sums is their first 16 products.
inline __m512i partial_two(const std::int8_t* w, const std::int8_t* x) {
  const __m512i raised = _mm512_xor_si512(_mm512_loadu_si512(w), _mm512_set1_epi8(-128));
  return _mm512_dpbusd_epi32(_mm512_setzero_si512(), raised, _mm512_loadu_si512(x));
}
// Eight blocks: the sums of their first halves in the lower half, of their second in the upper.
inline __m512i partial_eight(const std::int8_t* w, const std::int8_t* x) {
  const __m512i a = partial_two(w, x);
  const __m512i b = partial_two(w + 64, x + 64);
  const __m512i c = partial_two(w + 128, x + 128);
  const __m512i d = partial_two(w + 192, x + 192);
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  const __m512i sums =
      _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  const __m512i order = _mm512_setr_epi32(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  return _mm512_permutexvar_epi32(order, sums);
}
inline __m256i load_pairs(const std::int16_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
inline __m256 add_scaled(__m256 lanes, __m256i sums, const float* ws, const float* xs) {
  const __m256 scales = _mm256_mul_ps(_mm256_loadu_ps(ws), _mm256_loadu_ps(xs));
  return _mm256_add_ps(lanes, _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scales));
}
inline __m256i sums_of_eight(const Row& w, const InputRow& x) {
  const __m512i halves = partial_eight(w.integers, x.integers);
  const __m256i first = _mm512_castsi512_si256(halves);
  const __m256i second = _mm512_extracti64x4_epi64(halves, 1);
  const __m256i added = load_pairs(x.sums);
  if (w.multipliers == nullptr) {
    const __m256i raised = _mm256_madd_epi16(added, _mm256_set1_epi16(128));
    return _mm256_sub_epi32(_mm256_add_epi32(first, second), raised);
  }
  const __m256i pairs = load_pairs(w.multipliers);
  const __m256i raised = _mm256_slli_epi32(_mm256_madd_epi16(added, pairs), 7);
  const __m256i first_multiplier = _mm256_srai_epi32(_mm256_slli_epi32(pairs, 16), 16);
  const __m256i both = _mm256_add_epi32(_mm256_mullo_epi32(first, first_multiplier),
                                        _mm256_mullo_epi32(second, _mm256_srai_epi32(pairs, 16)));
  return _mm256_sub_epi32(both, raised);
}

float dot_row(Row w, InputRow x, std::size_t blocks) {
  __m256 lanes = _mm256_setzero_ps();
  for (std::size_t b = 0; b < blocks; b += kSumLanes) {
    lanes = add_scaled(lanes, sums_of_eight(w, x), w.scales, x.scales);
    if (w.shifts != nullptr) {
      const __m256i shifted = _mm256_madd_epi16(load_pairs(w.shifts), load_pairs(x.sums));
      lanes = add_scaled(lanes, shifted, w.shift_scales, x.scales);
      w.shifts += kSumLanes * kPartsOfBlock;
      w.shift_scales += kSumLanes;
    }
    if (w.multipliers != nullptr) w.multipliers += kSumLanes * kPartsOfBlock;
    w.integers += kSumLanes * kRoundBlock;
    w.scales += kSumLanes;
    x.integers += kSumLanes * kRoundBlock;
    x.scales += kSumLanes;
    x.sums += kSumLanes * kPartsOfBlock;
  }
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

void matmul_by_rows(const tensor::MatrixView& weights, RowRange range, const Inputs& x,
                    Products out) {
  const std::size_t blocks = weights.columns / kRoundBlock;
  std::vector<RowRoom> rooms;
  rooms.reserve(kRowsAhead);
  for (std::size_t n = 0; n < kRowsAhead; ++n) rooms.emplace_back(weights.dtype, weights.columns);
  for (std::size_t first = range.first; first < range.last; first += kRowsAhead) {
    const std::size_t rows = std::min(kRowsAhead, range.last - first);
    for (std::size_t n = 0; n < rows; ++n) unpack_blocks(weights, first + n, rooms[n].row());
    for (std::size_t n = 0; n < rows; ++n) {
      const auto row = rooms[n].row();
      const Row w{row.integers.data(), row.scales.data(), row.multipliers.data(), row.shifts.data(),
                  row.shift_scales.data()};
      for (std::size_t t = 0; t < x.rows(); ++t)
        out.first[t * out.stride + first - range.first + n] = dot_row(w, x.row(t), blocks);
    }
  }
}

inline __m512i four_bytes(const InputRow& x, std::size_t at) {
  std::int32_t four = 0;
  std::memcpy(&four, x.integers + at, sizeof four);
  return _mm512_set1_epi32(four);
}

// Some tokens with one panel.
template <std::size_t T>
struct Tile {
  const Panel& w;
  InputRow x[T];

  // Adds the products of block b, from byte `at` of it on, 16 of each token.
  HWY_INLINE void add_part(std::size_t b, std::size_t at, __m512i (&sums)[T]) const {
#pragma GCC unroll 4
    for (std::size_t quad = at; quad < at + kPart; quad += 4) {
      const __m512i w_v = _mm512_load_si512(w.integers + (b * kRoundBlock + quad) * kPanelRows);
#pragma GCC unroll 8
      for (std::size_t t = 0; t < T; ++t)
        sums[t] = _mm512_dpbusd_epi32(sums[t], w_v, four_bytes(x[t], b * kRoundBlock + quad));
    }
  }
  HWY_INLINE void sum_plain(std::size_t b, __m512i (&sums)[T]) const {
    const __m512i raised = _mm512_set1_epi16(-128);
#pragma GCC unroll 8
    for (std::size_t t = 0; t < T; ++t) sums[t] = _mm512_madd_epi16(pair_of_sums(x[t], b), raised);
    add_part(b, 0, sums);
    add_part(b, kPart, sums);
  }
  HWY_INLINE void sum_multiplied(std::size_t b, __m512i (&sums)[T]) const {
    const __m512i pairs = _mm512_load_si512(w.multipliers + b * kPartsOfBlock * kPanelRows);
    const __m512i first = _mm512_srai_epi32(_mm512_slli_epi32(pairs, 16), 16);
    const __m512i second = _mm512_srai_epi32(pairs, 16);
    __m512i part[T];
#pragma GCC unroll 8
    for (std::size_t t = 0; t < T; ++t) part[t] = _mm512_setzero_si512();
    add_part(b, 0, part);
#pragma GCC unroll 8
    for (std::size_t t = 0; t < T; ++t) {
      const __m512i raised = _mm512_slli_epi32(_mm512_madd_epi16(pair_of_sums(x[t], b), pairs), 7);
      sums[t] = _mm512_sub_epi32(_mm512_mullo_epi32(part[t], first), raised);
      part[t] = _mm512_setzero_si512();
    }
    add_part(b, kPart, part);
#pragma GCC unroll 8
    for (std::size_t t = 0; t < T; ++t)
      sums[t] = _mm512_add_epi32(sums[t], _mm512_mullo_epi32(part[t], second));
  }
  HWY_INLINE void add_block(std::size_t b, __m512 (&lane)[T]) const {
    __m512i sums[T];
    if (w.multipliers == nullptr) sum_plain(b, sums);
    if (w.multipliers != nullptr) sum_multiplied(b, sums);
    const __m512 scale = _mm512_load_ps(w.scales + b * kPanelRows);
#pragma GCC unroll 8
    for (std::size_t t = 0; t < T; ++t) {
      const __m512 both = _mm512_mul_ps(scale, _mm512_set1_ps(x[t].scales[b]));
      lane[t] = _mm512_add_ps(lane[t], _mm512_mul_ps(_mm512_cvtepi32_ps(sums[t]), both));
    }
    if (w.shifts == nullptr) return;
    const __m512i shifts = _mm512_load_si512(w.shifts + b * kPartsOfBlock * kPanelRows);
    const __m512 shift_scale = _mm512_load_ps(w.shift_scales + b * kPanelRows);
#pragma GCC unroll 8
    for (std::size_t t = 0; t < T; ++t) {
      const __m512i shifted = _mm512_madd_epi16(shifts, pair_of_sums(x[t], b));
      const __m512 both = _mm512_mul_ps(shift_scale, _mm512_set1_ps(x[t].scales[b]));
      lane[t] = _mm512_add_ps(lane[t], _mm512_mul_ps(_mm512_cvtepi32_ps(shifted), both));
    }
  }
  // Blocks n, n + 8, n + 16 ... of each token.
  HWY_INLINE void sum_lane(std::size_t n, __m512 (&lane)[T]) const {
#pragma GCC unroll 8
    for (std::size_t t = 0; t < T; ++t) lane[t] = _mm512_setzero_ps();
    for (std::size_t b = n; b < w.blocks; b += kSumLanes) add_block(b, lane);
  }
};

// Tokens `first_token` and the T - 1 after it; `out` is where the panel's first row of token 0
// goes, `stride` numbers lie between tokens.
template <std::size_t T>
void multiply_tile(const Panel& w, const Inputs& x, std::size_t first_token, float* out,
                   std::size_t stride) {
  Tile<T> tile{.w = w, .x = {}};
  for (std::size_t t = 0; t < T; ++t) tile.x[t] = x.row(first_token + t);
  __m512 lanes[kSumLanes][T];
  for (std::size_t n = 0; n < kSumLanes; ++n) tile.sum_lane(n, lanes[n]);
  fold_lanes(lanes, w.rows, out + first_token * stride, stride);
}

// Token `t` and all after it.
template <std::size_t T>
void multiply_panel(const Panel& w, const Inputs& x, std::size_t t, float* out,
                    std::size_t stride) {
  for (; t + T <= x.rows(); t += T) multiply_tile<T>(w, x, t, out, stride);
  if constexpr (T > 1) multiply_panel<T / 2>(w, x, t, out, stride);
}

}  // namespace

void matmul_vnni(const tensor::MatrixView& weights, RowRange range, const Inputs& x, Products out) {
  if (x.rows() < kLeastPanelTokens) {
    matmul_by_rows(weights, range, x, out);
    return;
  }
  const std::size_t by_tiles = has_amx() ? x.rows() / kTileTokens * kTileTokens : 0;
  PanelRoom room(weights.dtype, weights.columns);
  for (std::size_t r = range.first; r < range.last; r += kPanelRows) {
    const auto panel =
        room.fill(weights, {.first = r, .last = std::min(r + kPanelRows, range.last)});
    float* first = out.first + (r - range.first);
    if (by_tiles > 0) multiply_amx(panel, x, {.first = first, .stride = out.stride});
    multiply_panel<kMostTileTokens>(panel, x, by_tiles, first, out.stride);
  }
}

}  // namespace dramatis::kernels::internal
HWY_POP_ATTRIBUTES

#else

namespace dramatis::kernels::internal {

void matmul_vnni(const tensor::MatrixView&, RowRange, const Inputs&, Products) {
  DRAMATIS_CHECK(has_vnni());
}

}  // namespace dramatis::kernels::internal

#endif
