// Products of pairs on AVX512_BF16 and as plain loops: the same contracts as kernels/pairs.h.
#pragma once

#include "kernels/pairs.h"

namespace dramatis::kernels::internal {

// A left factor: the pair p of row m stands at pairs[m * row_stride + p * pair_stride]; rows of a
// Paired in panels of kPairColumns, `panel_stride` pairs apart.
struct LeftPairs {
  const std::uint16_t* numbers;
  std::size_t rows;
  std::size_t row_stride;    // numbers
  std::size_t pair_stride;   // numbers
  std::size_t panel_rows;    // rows before the next panel begins; all of them where there is none
  std::size_t panel_stride;  // numbers
};

// One product of a sum: `b` up to so many of its pairs.
struct LeftTerm {
  LeftPairs a;
  const Paired* b;
  std::size_t pairs;
};

// Where products go: f32, or bf16 where `floats` is null.
struct PairProducts {
  float* floats;
  std::uint16_t* halves;
  std::size_t columns;
  std::size_t stride;
  Put put;
};

namespace vector {
void narrow_bf16(const float* x, std::size_t size, std::uint16_t* out);
void pair_rows(const Rows16& x, std::size_t first, std::size_t last, Paired& to);
void pair_rows(const Rows32& x, std::size_t first, std::size_t last, Paired& to);
void pair_columns(const Rows16& x, std::size_t first, std::size_t last, Paired& to);
void multiply(std::span<const LeftTerm> terms, const PairProducts& out);
void widen_bf16(const std::uint16_t* x, std::size_t size, float* out);
void multiply_narrow(const Rows32& a, const Rows16& b, float factor, const RowsOf<float>& out);
}  // namespace vector

namespace plain {
void pair_rows(const Rows16& x, std::size_t first, std::size_t last, Paired& to);
void pair_rows(const Rows32& x, std::size_t first, std::size_t last, Paired& to);
void pair_columns(const Rows16& x, std::size_t first, std::size_t last, Paired& to);
void multiply(std::span<const LeftTerm> terms, const PairProducts& out);
void multiply_narrow(const Rows32& a, const Rows16& b, float factor, const RowsOf<float>& out);
}  // namespace plain

}  // namespace dramatis::kernels::internal
