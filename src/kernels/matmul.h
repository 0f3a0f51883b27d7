// Activations times weights, whatever format the weights have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/buffer.h"
#include "tensor/dtype.h"
#include "tensor/matrix.h"

namespace dramatis::kernels {

// Numbers that share one scale in rounded activations.
constexpr std::size_t kRoundBlock = 32;

// True of the formats of integers with scales, all but F32, F16 and BF16: their activations are
// rounded first.
[[nodiscard]] bool wants_rounded(tensor::Dtype dtype);

// How activations meet weights of integers: once, as 8 bits in blocks of 32; twice, so that what
// the first rounding left is rounded by the same rule and multiplied too. Together these are as
// good as 16 bits, at up to twice the work.
enum class Rounding { kOnce, kTwice };

// [T, D] activations as a matmul reads them. `exact` serves F32, F16 and BF16 weights, the others
// the rest. With kTwice, what was left of all rows stands behind all rows: twice as many.
struct Activations {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::span<const float> exact;          // [T, D]
  std::span<const std::int8_t> rounded;  // [T, D] or [2 T, D], -127 to 127
  std::span<const float> scales;         // [T, D / 32] or [2 T, D / 32]
  Rounding rounding = Rounding::kOnce;
};

// rounded = round(x / scale), scale = max |x| of the block / 127; ties to even. A block with a
// number that is not finite becomes zeros with the scale NaN, so that it is found at the end.
// Shapes: x, rounded [D], scales [D / 32]. Checked: D a multiple of 32. Threads: any.
void round_row(std::span<const float> x, std::span<std::int8_t> rounded, std::span<float> scales);

// A row as round_row left it.
struct RoundedRow {
  std::span<const std::int8_t> integers;  // [D]
  std::span<const float> scales;          // [D / 32]
};

// What `row` lacks of x, x - integer * scale, not fused, rounded as round_row does it.
// Shapes, Checked, Threads: as there.
void round_rest(std::span<const float> x, const RoundedRow& row, std::span<std::int8_t> rounded,
                std::span<float> scales);

// Rows of a weight matrix that one call computes.
struct RowRange {
  std::size_t first;
  std::size_t last;
};

// out[t * weights.rows + r] = weights[r] . x[t], for r in `range`, all t.
// Block formats: each block of 32 is an exact integer sum; sum * (weight scale * activation scale)
// is added to lane b % 8 of block b; then lane n takes lane n + 4, n + 2, n + 1. Formats with
// minima add to the same lane, after that, the exact sum of (minimum * activation) with their own
// scale. All in f32, not fused. With Rounding::kTwice the product with what was left is computed
// likewise and added last. Float formats: the order of kernels/vectors.h. Either way a result
// depends on its row and its token alone. Shapes: weights [O, D], x [T, D], out [T, O]. Checked:
// shapes, range. Allocates up to 16 rows and a copy of the activations per call. Threads: any, with
// ranges that do not meet.
void matmul(const tensor::MatrixView& weights, RowRange range, const Activations& x,
            std::span<float> out);

// Row r of `weights` as f32: integer * scale, plus minimum * its scale where the format has minima.
// Shapes: out [D]. Checked. Threads: any.
void unpack_row(const tensor::MatrixView& weights, std::size_t r, std::span<float> out);

}  // namespace dramatis::kernels
