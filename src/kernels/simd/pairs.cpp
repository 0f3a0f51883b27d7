// Products of pairs by vdpbf16ps, which adds two products of bf16 to each of 16 f32. Six rows times
// four registers are 24 sums in flight; the other eight registers hold columns and one number of
// a row, so that each load of a column serves six rows.
#include "kernels/internal/pairs.h"

#include <algorithm>
#include <cstdint>

#include <hwy/highway.h>

#include "base/check.h"

#if HWY_ARCH_X86

#include <immintrin.h>

namespace dramatis::kernels {

bool has_bf16_products() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512bf16");
  return has;
}

}  // namespace dramatis::kernels

HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")
namespace dramatis::kernels::internal::vector {
namespace {

constexpr std::size_t kRegister = 16;  // f32 of one
constexpr std::size_t kTileRows = 6;
// Pairs of a block of k: its panel of 160 KiB streams from the second cache while the tile of rows
// stays in the first.
constexpr std::size_t kBlockPairs = 640;
// Bytes of the left factor that one sweep over the panels keeps in the second cache.
constexpr std::size_t kSweepBytes = 384 * 1024;

// A block of k of one product, for a tile of rows and a panel.
struct TileTerm {
  const std::uint16_t* a;
  std::size_t row_stride, pair_stride;  // numbers
  const std::uint16_t* b;
  std::size_t pairs;
};

// A sum of such products.
struct TileOf {
  const TileTerm* terms;
  std::size_t count;
  std::size_t columns;  // that exist, at most 16 V
};

template <std::size_t R, std::size_t V>
HWY_INLINE void put_tile(const __m512 (&sums)[R][V], std::size_t columns, const PairProducts& out) {
  for (std::size_t r = 0; r < R; ++r) {
    for (std::size_t v = 0; v < V; ++v) {
      const std::size_t left = columns - std::min(columns, v * kRegister);
      const auto mask = static_cast<__mmask16>(left >= kRegister ? 0xFFFFU : (1U << left) - 1);
      if (out.floats != nullptr) {
        _mm512_mask_storeu_ps(out.floats + r * out.stride + v * kRegister, mask, sums[r][v]);
      } else {
        const __m256bh rounded = _mm512_cvtneps_pbh(sums[r][v]);
        __m256i bits;
        __builtin_memcpy(&bits, &rounded, sizeof bits);
        _mm256_mask_storeu_epi16(out.halves + r * out.stride + v * kRegister, mask, bits);
      }
    }
  }
}

template <std::size_t R, std::size_t V>
HWY_INLINE void begin_tile(__m512 (&sums)[R][V], std::size_t columns, const PairProducts& out) {
  for (std::size_t r = 0; r < R; ++r) {
    for (std::size_t v = 0; v < V; ++v) {
      const std::size_t left = columns - std::min(columns, v * kRegister);
      const auto mask = static_cast<__mmask16>(left >= kRegister ? 0xFFFFU : (1U << left) - 1);
      sums[r][v] = out.put == Put::kAdd
                       ? _mm512_maskz_loadu_ps(mask, out.floats + r * out.stride + v * kRegister)
                       : _mm512_setzero_ps();
    }
  }
}

HWY_INLINE __m512bh pair_everywhere(const std::uint16_t* at) {
  std::int32_t pair;
  __builtin_memcpy(&pair, at, sizeof pair);
  return (__m512bh)_mm512_set1_epi32(pair);
}

template <std::size_t R, std::size_t V>
HWY_INLINE void add_term(const TileTerm& term, __m512 (&sums)[R][V]) {
  const std::uint16_t* a = term.a;
  const std::uint16_t* b = term.b;
  for (std::size_t p = 0; p < term.pairs; ++p) {
    __m512bh columns[V];
    for (std::size_t v = 0; v < V; ++v)
      columns[v] = (__m512bh)_mm512_loadu_si512(b + v * 2 * kRegister);
    for (std::size_t r = 0; r < R; ++r) {
      const __m512bh row = pair_everywhere(a + r * term.row_stride);
      for (std::size_t v = 0; v < V; ++v)
        sums[r][v] = _mm512_dpbf16_ps(sums[r][v], row, columns[v]);
    }
    a += term.pair_stride;
    b += 2 * kPairColumns;
  }
}

template <std::size_t R, std::size_t V>
void multiply_tile(const TileOf& tile, const PairProducts& out) {
  __m512 sums[R][V];
  begin_tile<R, V>(sums, tile.columns, out);
  for (std::size_t n = 0; n < tile.count; ++n) add_term<R, V>(tile.terms[n], sums);
  put_tile<R, V>(sums, tile.columns, out);
}

using Multiply = void (*)(const TileOf&, const PairProducts&);

// By registers of columns, then rows.
template <std::size_t V>
constexpr Multiply kTilesOf[kTileRows] = {multiply_tile<1, V>, multiply_tile<2, V>,
                                          multiply_tile<3, V>, multiply_tile<4, V>,
                                          multiply_tile<5, V>, multiply_tile<6, V>};
constexpr const Multiply* kTiles[4] = {kTilesOf<1>, kTilesOf<2>, kTilesOf<3>, kTilesOf<4>};
// One or two registers of columns leave room for more rows.
constexpr std::size_t kTallRows = 12;
constexpr Multiply kTallTiles[2] = {multiply_tile<kTallRows, 1>, multiply_tile<kTallRows, 2>};

// Most products of one sum: three matrices with an adapter each, and as many again.
constexpr std::size_t kMostTerms = 12;

// Rows [first, last) by a block of pairs of one panel.
struct Strip {
  std::size_t first, last;
  std::size_t panel;
  std::size_t columns;
  std::size_t pair, step;  // of each product, this block
};

PairProducts moved(const PairProducts& out, std::size_t by) {
  PairProducts at = out;
  if (at.floats != nullptr) at.floats += by;
  if (at.halves != nullptr) at.halves += by;
  return at;
}

TileTerm tile_term(const LeftTerm& term, const Strip& strip, std::size_t m) {
  const LeftPairs& a = term.a;
  return {.a = a.numbers + m / a.panel_rows * a.panel_stride + m % a.panel_rows * a.row_stride +
               strip.pair * a.pair_stride,
          .row_stride = a.row_stride,
          .pair_stride = a.pair_stride,
          .b = term.b->panel(strip.panel) + strip.pair * 2 * kPairColumns,
          .pairs = std::min(strip.step, term.pairs - strip.pair)};
}

void multiply_strip(std::span<const LeftTerm> terms, const Strip& strip, const PairProducts& out) {
  const std::size_t registers = (strip.columns + kRegister - 1) / kRegister;
  const std::size_t panel_rows = terms[0].a.panel_rows;
  TileTerm tiles[kMostTerms];
  for (std::size_t m = strip.first; m < strip.last;) {
    const std::size_t of_panel = std::min(panel_rows - m % panel_rows, strip.last - m);
    const bool tall = registers <= 2 && of_panel >= kTallRows;
    const std::size_t rows = tall ? kTallRows : std::min(kTileRows, of_panel);
    for (std::size_t n = 0; n < terms.size(); ++n) tiles[n] = tile_term(terms[n], strip, m);
    const Multiply multiply_here =
        tall ? kTallTiles[registers - 1] : kTiles[registers - 1][rows - 1];
    multiply_here({.terms = tiles, .count = terms.size(), .columns = strip.columns},
                  moved(out, m * out.stride + strip.panel * kPairColumns));
    m += rows;
  }
}

// Only a single product into f32 is cut into blocks of k; sums go through in one.
void multiply_rows(std::span<const LeftTerm> terms, std::size_t first, std::size_t last,
                   PairProducts out) {
  const std::size_t pairs = terms[0].pairs;
  const std::size_t step = out.floats == nullptr ? static_cast<std::size_t>(-1) : kBlockPairs;
  for (std::size_t pair = 0; pair < pairs; pair += std::min(step, pairs)) {
    for (std::size_t column = 0; column < out.columns; column += kPairColumns) {
      multiply_strip(terms,
                     {.first = first,
                      .last = last,
                      .panel = column / kPairColumns,
                      .columns = std::min(kPairColumns, out.columns - column),
                      .pair = pair,
                      .step = step},
                     out);
    }
    out.put = Put::kAdd;
  }
}

__mmask16 first_lanes(std::size_t count) {
  return static_cast<__mmask16>(count >= kRegister ? 0xFFFFU : (1U << count) - 1);
}

// 16 numbers as bf16 in the lower halves of 32 bits.
HWY_INLINE __m512i wide_bf16(const std::uint16_t* from, __mmask16 mask) {
  return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, from));
}
HWY_INLINE __m512i wide_bf16(const float* from, __mmask16 mask) {
  const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from));
  __m256i bits;
  __builtin_memcpy(&bits, &rounded, sizeof bits);
  return _mm512_cvtepu16_epi32(bits);
}

template <class T>
void pair_rows_of(const RowsOf<const T>& x, std::size_t first, std::size_t last, Paired& to) {
  for (std::size_t panel = first; panel < last; ++panel) {
    std::uint16_t* at = to.panel(panel);
    const std::size_t column = panel * kPairColumns;
    for (std::size_t k = 0; k < x.rows; k += 2) {
      for (std::size_t v = 0; v < kPairColumns; v += kRegister) {
        const std::size_t left = x.columns - std::min(x.columns, column + v);
        const __mmask16 mask = first_lanes(left);
        const T* row = x.numbers + k * x.stride + column + v;
        const __m512i even = wide_bf16(row, mask);
        const __m512i odd =
            wide_bf16(k + 1 < x.rows ? row + x.stride : row, k + 1 < x.rows ? mask : __mmask16{0});
        _mm512_storeu_si512(at, _mm512_or_si512(even, _mm512_slli_epi32(odd, 16)));
        at += 2 * kRegister;
      }
    }
  }
}

// The pairs [pair, pair + 16) of up to 16 rows of `x`, one column of the panel each.
HWY_INLINE void turn_pairs(const Rows16& x, std::size_t row, std::size_t pair, std::uint16_t* at) {
  const std::size_t rows = std::min(kRegister, x.rows - row);
  const std::size_t pairs = std::min(kRegister, (x.columns + 1) / 2 - pair);
  alignas(64) std::uint32_t block[kRegister][kRegister] = {};
  for (std::size_t r = 0; r < rows; ++r) {
    const std::uint16_t* from = x.numbers + (row + r) * x.stride + 2 * pair;
    const std::size_t numbers = std::min(2 * pairs, x.columns - 2 * pair);
    _mm512_store_si512(
        block[r], _mm512_maskz_loadu_epi16(
                      static_cast<__mmask32>(numbers == 32 ? ~0U : (1U << numbers) - 1), from));
  }
  const __m512i places =
      _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                         _mm512_set1_epi32(kRegister));
  for (std::size_t p = 0; p < pairs; ++p)
    _mm512_storeu_si512(at + p * 2 * kPairColumns, _mm512_i32gather_epi32(places, &block[0][p], 4));
}

// Four rows of sums: as many as are learnt from one load of b.
constexpr std::size_t kNarrowRows = 4;

template <std::size_t R>
void narrow_strip(const Rows32& a, std::size_t r, const Rows16& b, std::size_t n, float factor,
                  const RowsOf<float>& out) {
  __m512 sums[R][4];
  __mmask16 masks[4];
  for (std::size_t v = 0; v < 4; ++v) {
    masks[v] = first_lanes(b.columns - std::min(b.columns, n + v * kRegister));
    for (std::size_t i = 0; i < R; ++i) sums[i][v] = _mm512_setzero_ps();
  }
  for (std::size_t t = 0; t < a.rows; ++t) {
    __m512 columns[4];
    for (std::size_t v = 0; v < 4; ++v) {
      columns[v] = _mm512_castsi512_ps(
          _mm512_slli_epi32(wide_bf16(b.numbers + t * b.stride + n + v * kRegister, masks[v]), 16));
    }
    for (std::size_t i = 0; i < R; ++i) {
      const __m512 number = _mm512_set1_ps(a.numbers[t * a.stride + r + i]);
      for (std::size_t v = 0; v < 4; ++v)
        sums[i][v] = _mm512_fmadd_ps(number, columns[v], sums[i][v]);
    }
  }
  for (std::size_t i = 0; i < R; ++i) {
    for (std::size_t v = 0; v < 4; ++v) {
      _mm512_mask_storeu_ps(out.numbers + (r + i) * out.stride + n + v * kRegister, masks[v],
                            _mm512_mul_ps(sums[i][v], _mm512_set1_ps(factor)));
    }
  }
}

}  // namespace

void narrow_bf16(const float* x, std::size_t size, std::uint16_t* out) {
  for (std::size_t n = 0; n < size; n += kRegister) {
    const __mmask16 mask = first_lanes(size - n);
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + n));
    __m256i bits;
    __builtin_memcpy(&bits, &rounded, sizeof bits);
    _mm256_mask_storeu_epi16(out + n, mask, bits);
  }
}

void widen_bf16(const std::uint16_t* x, std::size_t size, float* out) {
  for (std::size_t n = 0; n < size; n += kRegister) {
    const __mmask16 mask = first_lanes(size - n);
    const __m512i wide = _mm512_slli_epi32(wide_bf16(x + n, mask), 16);
    _mm512_mask_storeu_ps(out + n, mask, _mm512_castsi512_ps(wide));
  }
}

void pair_rows(const Rows16& x, std::size_t first, std::size_t last, Paired& to) {
  pair_rows_of(x, first, last, to);
}
void pair_rows(const Rows32& x, std::size_t first, std::size_t last, Paired& to) {
  pair_rows_of(x, first, last, to);
}

void pair_columns(const Rows16& x, std::size_t first, std::size_t last, Paired& to) {
  for (std::size_t panel = first; panel < last; ++panel) {
    for (std::size_t v = 0; v < kPairColumns; v += kRegister) {
      const std::size_t row = panel * kPairColumns + v;
      for (std::size_t pair = 0; pair < to.pairs(); pair += kRegister) {
        std::uint16_t* at = to.panel(panel) + pair * 2 * kPairColumns + 2 * v;
        if (row < x.rows) {
          turn_pairs(x, row, pair, at);
        } else {
          for (std::size_t p = pair; p < std::min(pair + kRegister, to.pairs()); ++p)
            _mm512_storeu_si512(at + (p - pair) * 2 * kPairColumns, _mm512_setzero_si512());
        }
      }
    }
  }
}

void multiply(std::span<const LeftTerm> terms, const PairProducts& out) {
  DRAMATIS_CHECK(terms.size() <= kMostTerms);
  std::size_t pairs = 1;
  for (const auto& term : terms) pairs += std::min(term.pairs, kBlockPairs);
  const std::size_t fit = std::max<std::size_t>(kSweepBytes / (pairs * 4), 1);
  // Whole tiles and whole panels of rows.
  const std::size_t sweep = (fit + 3 * kPairColumns - 1) / (3 * kPairColumns) * (3 * kPairColumns);
  const std::size_t rows = terms[0].a.rows;
  for (std::size_t first = 0; first < rows; first += sweep)
    multiply_rows(terms, first, std::min(first + sweep, rows), out);
}

void multiply_narrow(const Rows32& a, const Rows16& b, float factor, const RowsOf<float>& out) {
  for (std::size_t r = 0; r < out.rows; r += kNarrowRows) {
    const std::size_t rows = std::min(kNarrowRows, out.rows - r);
    for (std::size_t n = 0; n < out.columns; n += kPairColumns) {
      if (rows == 4) {
        narrow_strip<4>(a, r, b, n, factor, out);
      } else {
        for (std::size_t i = 0; i < rows; ++i) narrow_strip<1>(a, r + i, b, n, factor, out);
      }
    }
  }
}

}  // namespace dramatis::kernels::internal::vector
HWY_POP_ATTRIBUTES

#else

namespace dramatis::kernels {

bool has_bf16_products() {
  return false;
}

}  // namespace dramatis::kernels

namespace dramatis::kernels::internal::vector {

void narrow_bf16(const float*, std::size_t, std::uint16_t*) {
  DRAMATIS_CHECK(has_bf16_products());
}
void pair_rows(const Rows16& x, std::size_t first, std::size_t last, Paired& to) {
  plain::pair_rows(x, first, last, to);
}
void pair_rows(const Rows32& x, std::size_t first, std::size_t last, Paired& to) {
  plain::pair_rows(x, first, last, to);
}
void pair_columns(const Rows16& x, std::size_t first, std::size_t last, Paired& to) {
  plain::pair_columns(x, first, last, to);
}
void widen_bf16(const std::uint16_t*, std::size_t, float*) {
  DRAMATIS_CHECK(has_bf16_products());
}
void multiply(std::span<const LeftTerm> terms, const PairProducts& out) {
  plain::multiply(terms, out);
}
void multiply_narrow(const Rows32& a, const Rows16& b, float factor, const RowsOf<float>& out) {
  plain::multiply_narrow(a, b, factor, out);
}

}  // namespace dramatis::kernels::internal::vector

#endif
