// Sixteen tokens with one panel by tiles, the instructions of which are `Tiles`' own: AMX in
// amx.cpp, loops in a test. A tile of products holds a token a row and a weight row a column, and
// one instruction adds up whole blocks of 32 of them: all of it exact, so the bits are those of the
// other products.
#pragma once

#include <hwy/highway.h>

#include "kernels/internal/amx.h"
#include "kernels/simd/panel_sums-inl.h"

HWY_PUSH_ATTRIBUTES(DRAMATIS_VNNI_TARGET)
namespace dramatis::kernels::internal {

// Products of one block, or of half a one.
struct alignas(64) TileSums {
  std::int32_t of[kTileTokens][kPanelRows];

  [[nodiscard]] __m512i token(std::size_t t) const { return _mm512_load_si512(of[t]); }
};

// Tokens `first_token` and the 15 after it. `Tiles` adds the products of a
// block, or of half a one, of tokens that lie `stride` bytes apart with weights as a Panel has
// them.
template <class Tiles>
class TileProducts {
 public:
  TileProducts(const Panel& panel, const Inputs& x, std::size_t first_token)
      : w_(panel), token_bytes_(x.row(1).integers - x.row(0).integers) {
    for (std::size_t t = 0; t < kTileTokens; ++t) x_[t] = x.row(first_token + t);
  }

  // To out.first[t * out.stride], t from 0.
  void multiply(Products out) {
    __m512 lanes[kSumLanes][kTileTokens];
    for (std::size_t n = 0; n < kSumLanes; ++n) sum_lane(n, lanes[n]);
    fold_lanes(lanes, w_.rows, out.first, out.stride);
  }

 private:
  // Blocks n, n + 8, n + 16 ... of each token.
  void sum_lane(std::size_t n, __m512 (&lane)[kTileTokens]) {
    for (auto& sum : lane) sum = _mm512_setzero_ps();
    for (std::size_t b = n; b < w_.blocks; b += kSumLanes) {
      if (w_.multipliers == nullptr) {
        add_plain(b, lane);
      } else {
        add_multiplied(b, lane);
      }
      if (w_.shifts != nullptr) add_shifts(b, lane);
    }
  }

  [[nodiscard]] const std::int8_t* tokens(std::size_t at) const { return x_[0].integers + at; }
  [[nodiscard]] const std::uint8_t* weights(std::size_t at) const {
    return w_.integers + at * kPanelRows;
  }
  static __m512 add_scaled(__m512 lane, __m512i sums, __m512 scale, float token_scale) {
    const __m512 both = _mm512_mul_ps(scale, _mm512_set1_ps(token_scale));
    return _mm512_add_ps(lane, _mm512_mul_ps(_mm512_cvtepi32_ps(sums), both));
  }

  void add_plain(std::size_t b, __m512 (&lane)[kTileTokens]) {
    const std::size_t at = b * kRoundBlock;
    Tiles::sum_block(tokens(at), token_bytes_, weights(at), first_);
    const __m512i raised = _mm512_set1_epi16(-128);
    const __m512 scale = _mm512_load_ps(w_.scales + b * kPanelRows);
    for (std::size_t t = 0; t < kTileTokens; ++t) {
      const __m512i lowered = _mm512_madd_epi16(pair_of_sums(x_[t], b), raised);
      lane[t] =
          add_scaled(lane[t], _mm512_add_epi32(first_.token(t), lowered), scale, x_[t].scales[b]);
    }
  }
  void add_multiplied(std::size_t b, __m512 (&lane)[kTileTokens]) {
    const std::size_t at = b * kRoundBlock;
    Tiles::sum_half(tokens(at), token_bytes_, weights(at), first_);
    Tiles::sum_half(tokens(at + kPart), token_bytes_, weights(at + kPart), second_);
    const __m512i pairs = _mm512_load_si512(w_.multipliers + b * kPartsOfBlock * kPanelRows);
    const __m512i first = _mm512_srai_epi32(_mm512_slli_epi32(pairs, 16), 16);
    const __m512i second = _mm512_srai_epi32(pairs, 16);
    const __m512 scale = _mm512_load_ps(w_.scales + b * kPanelRows);
    for (std::size_t t = 0; t < kTileTokens; ++t) {
      const __m512i raised = _mm512_slli_epi32(_mm512_madd_epi16(pair_of_sums(x_[t], b), pairs), 7);
      const __m512i both = _mm512_add_epi32(_mm512_mullo_epi32(first_.token(t), first),
                                            _mm512_mullo_epi32(second_.token(t), second));
      lane[t] = add_scaled(lane[t], _mm512_sub_epi32(both, raised), scale, x_[t].scales[b]);
    }
  }
  void add_shifts(std::size_t b, __m512 (&lane)[kTileTokens]) const {
    const __m512i shifts = _mm512_load_si512(w_.shifts + b * kPartsOfBlock * kPanelRows);
    const __m512 scale = _mm512_load_ps(w_.shift_scales + b * kPanelRows);
    for (std::size_t t = 0; t < kTileTokens; ++t) {
      const __m512i shifted = _mm512_madd_epi16(shifts, pair_of_sums(x_[t], b));
      lane[t] = add_scaled(lane[t], shifted, scale, x_[t].scales[b]);
    }
  }

  const Panel& w_;
  std::ptrdiff_t token_bytes_;
  InputRow x_[kTileTokens];
  TileSums first_;
  TileSums second_;
};

// All whole sets of tokens; see multiply_amx.
template <class Tiles>
void multiply_by_tiles(const Panel& panel, const Inputs& x, Products out) {
  [[maybe_unused]] const Tiles configured;
  for (std::size_t t = 0; t + kTileTokens <= x.rows(); t += kTileTokens) {
    TileProducts<Tiles>(panel, x, t)
        .multiply({.first = out.first + t * out.stride, .stride = out.stride});
  }
}

}  // namespace dramatis::kernels::internal
HWY_POP_ATTRIBUTES
