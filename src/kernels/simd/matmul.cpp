// Activations times weights on vector registers: a weight row is unpacked once and serves every
// token.
#include "kernels/matmul.h"

#include "base/check.h"
#include "kernels/internal/vnni.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/matmul.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/blocks-inl.h"
#include "kernels/simd/floats-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

void matmul_rounded(const tensor::MatrixView& weights, RowRange range, const internal::Inputs& x,
                    internal::Products out) {
  const std::size_t blocks = weights.columns / kRoundBlock;
  internal::RowRoom room(weights.dtype, weights.columns);
  const auto row = room.row();
  const WeightBlocks w{row.integers.data(), row.scales.data(), row.multipliers.data(),
                       row.shifts.data(), row.shift_scales.data()};
  for (std::size_t r = range.first; r < range.last; ++r) {
    internal::unpack_blocks(weights, r, row);
    for (std::size_t t = 0; t < x.rows(); ++t)
      out.first[t * out.stride + r - range.first] = dot_blocks(w, x.row(t), blocks);
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

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(matmul_rounded);
HWY_EXPORT(matmul_exact);

namespace {

void multiply_rounded(const tensor::MatrixView& weights, RowRange range, const internal::Inputs& x,
                      internal::Products out) {
  if (internal::has_vnni()) {
    internal::matmul_vnni(weights, range, x, out);
  } else {
    HWY_DYNAMIC_DISPATCH(matmul_rounded)(weights, range, x, out);
  }
}

// Both halves of the input in one pass over the weights, then their sums.
void multiply_twice(const tensor::MatrixView& weights, RowRange range, const internal::Inputs& x,
                    internal::Products out) {
  const std::size_t count = range.last - range.first;
  tensor::Buffer<float> both(x.rows() * count);
  const float* products = both.span().data();
  multiply_rounded(weights, range, x, {.first = both.span().data(), .stride = count});
  for (std::size_t t = 0; t < x.rows() / 2; ++t) {
    const float* rest = products + x.rows() / 2 * count;
    for (std::size_t n = 0; n < count; ++n)
      out.first[t * out.stride + n] = products[t * count + n] + rest[t * count + n];
  }
}

}  // namespace

void matmul(const tensor::MatrixView& weights, RowRange range, const Activations& x,
            std::span<float> out) {
  DRAMATIS_CHECK(weights.columns == x.columns && out.size() == x.rows * weights.rows);
  DRAMATIS_CHECK(range.first <= range.last && range.last <= weights.rows);
  if (!wants_rounded(weights.dtype)) {
    DRAMATIS_CHECK(x.exact.size() == x.rows * x.columns);
    HWY_DYNAMIC_DISPATCH(matmul_exact)(weights, range, x, out.data());
    return;
  }
  const bool twice = x.rounding == Rounding::kTwice;
  DRAMATIS_CHECK(x.rounded.size() == (twice ? 2 : 1) * x.rows * x.columns &&
                 x.scales.size() * kRoundBlock == x.rounded.size());
  const internal::Inputs inputs(x);
  const internal::Products products{.first = out.data() + range.first, .stride = weights.rows};
  if (twice) {
    multiply_twice(weights, range, inputs, products);
  } else {
    multiply_rounded(weights, range, inputs, products);
  }
}

}  // namespace dramatis::kernels
#endif
