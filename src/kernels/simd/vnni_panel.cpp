// Rows of 64 bytes -> columns of 4 bytes of each.
#include "kernels/simd/vnni_panel.h"

#include <hwy/highway.h>

#if HWY_ARCH_X86

#include <immintrin.h>

HWY_PUSH_ATTRIBUTES(DRAMATIS_VNNI_TARGET)
namespace dramatis::kernels::internal {
namespace {

// Transposes 16 rows of 16 dwords, raising each byte by 128: first within groups of four rows, then
// the groups.
void transpose(const std::int8_t* rows, std::size_t stride, std::uint8_t* out) {
  __m512i by_row[kPanelRows];
  for (std::size_t r = 0; r < kPanelRows; ++r) {
    by_row[r] = _mm512_xor_si512(_mm512_loadu_si512(rows + r * stride), _mm512_set1_epi8(-128));
  }
  __m512i fours[kPanelRows];  // of group g and column c of each four: [4 g + c]
  for (std::size_t g = 0; g < kPanelRows; g += 4) {
    const __m512i low_a = _mm512_unpacklo_epi32(by_row[g], by_row[g + 1]);
    const __m512i high_a = _mm512_unpackhi_epi32(by_row[g], by_row[g + 1]);
    const __m512i low_b = _mm512_unpacklo_epi32(by_row[g + 2], by_row[g + 3]);
    const __m512i high_b = _mm512_unpackhi_epi32(by_row[g + 2], by_row[g + 3]);
    fours[g] = _mm512_unpacklo_epi64(low_a, low_b);
    fours[g + 1] = _mm512_unpackhi_epi64(low_a, low_b);
    fours[g + 2] = _mm512_unpacklo_epi64(high_a, high_b);
    fours[g + 3] = _mm512_unpackhi_epi64(high_a, high_b);
  }
  for (std::size_t c = 0; c < 4; ++c) {
    const __m512i low_a = _mm512_shuffle_i32x4(fours[c], fours[4 + c], 0x44);
    const __m512i high_a = _mm512_shuffle_i32x4(fours[c], fours[4 + c], 0xEE);
    const __m512i low_b = _mm512_shuffle_i32x4(fours[8 + c], fours[12 + c], 0x44);
    const __m512i high_b = _mm512_shuffle_i32x4(fours[8 + c], fours[12 + c], 0xEE);
    std::uint8_t* to = out + c * 64;
    _mm512_store_si512(to, _mm512_shuffle_i32x4(low_a, low_b, 0x88));
    _mm512_store_si512(to + 256, _mm512_shuffle_i32x4(low_a, low_b, 0xDD));
    _mm512_store_si512(to + 512, _mm512_shuffle_i32x4(high_a, high_b, 0x88));
    _mm512_store_si512(to + 768, _mm512_shuffle_i32x4(high_a, high_b, 0xDD));
  }
}

template <class T>
void spread(std::span<const T> from, std::size_t lane, std::size_t together, T* to) {
  for (std::size_t n = 0; n < from.size(); n += together) {
    for (std::size_t i = 0; i < together; ++i)
      to[n * kPanelRows + lane * together + i] = from[n + i];
  }
}

}  // namespace

PanelRoom::PanelRoom(tensor::Dtype dtype, std::size_t columns)
    : blocks_(columns / kRoundBlock),
      stride_(round_up(columns, 64)),
      rows_(kPanelRows * stride_),
      room_(dtype, columns),
      integers_(kPanelRows * stride_),
      scales_(kPanelRows * blocks_) {
  std::ranges::fill(rows_.span(), std::int8_t{0});
  if (has_multipliers(dtype))
    multipliers_ = tensor::Buffer<std::int16_t>(kPanelRows * blocks_ * kPartsOfBlock);
  if (!has_shifts(dtype)) return;
  shifts_ = tensor::Buffer<std::int16_t>(kPanelRows * blocks_ * kPartsOfBlock);
  shift_scales_ = tensor::Buffer<float>(kPanelRows * blocks_);
}

void PanelRoom::scatter(const UnpackedRow& row, std::size_t lane) {
  spread<float>(row.scales, lane, 1, scales_.span().data());
  spread<std::int16_t>(row.multipliers, lane, kPartsOfBlock, multipliers_.span().data());
  spread<std::int16_t>(row.shifts, lane, kPartsOfBlock, shifts_.span().data());
  spread<float>(row.shift_scales, lane, 1, shift_scales_.span().data());
}

Panel PanelRoom::fill(const tensor::MatrixView& weights, RowRange range) {
  auto row = room_.row();
  for (std::size_t lane = 0; lane < kPanelRows; ++lane) {
    row.integers = rows_.span().subspan(lane * stride_, blocks_ * kRoundBlock);
    unpack_blocks(weights, std::min(range.first + lane, range.last - 1), row);
    scatter(row, lane);
  }
  for (std::size_t n = 0; n < stride_; n += 64)
    transpose(rows_.span().data() + n, stride_, integers_.span().data() + n * kPanelRows);
  return {.rows = range.last - range.first,
          .blocks = blocks_,
          .integers = integers_.span().data(),
          .scales = scales_.span().data(),
          .multipliers = multipliers_.span().data(),
          .shifts = shifts_.span().data(),
          .shift_scales = shift_scales_.span().data()};
}

}  // namespace dramatis::kernels::internal
HWY_POP_ATTRIBUTES

#endif
