// A weight row as the products read it: small integers with a scale for each block of 32, whatever
// the format it comes from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/matmul.h"
#include "tensor/buffer.h"

namespace dramatis::kernels::internal {

// Numbers that share one shift: half of a kRoundBlock, because Q2_K has one for each 16.
inline constexpr std::size_t kShiftBlock = 16;

// Number n of the row is integers[n] * scales[n / 32] + shifts[n / 16] * shift_scales[n / 32].
// Scales and minima of a format's own are multiplied into the integers and shifts, so that all sums
// within a block of 32 stay exact.
struct UnpackedRow {
  std::span<std::int16_t> integers;  // [D], at most 4096 in size
  std::span<float> scales;           // [D / 32]
  std::span<std::int16_t> shifts;    // [D / 16], at most 63 in size; empty where all are zero
  std::span<float> shift_scales;     // [D / 32]; empty as above
};

// True of the formats whose numbers are shifted: Q4_1, Q5_1, Q2_K, Q4_K, Q5_K.
[[nodiscard]] bool has_shifts(tensor::Dtype dtype);

// Room for one row. Throws std::bad_alloc.
class RowRoom {
 public:
  RowRoom(tensor::Dtype dtype, std::size_t columns)
      : integers_(columns), scales_(columns / kRoundBlock) {
    if (!has_shifts(dtype)) return;
    shifts_ = tensor::Buffer<std::int16_t>(columns / kShiftBlock);
    shift_scales_ = tensor::Buffer<float>(columns / kRoundBlock);
  }
  [[nodiscard]] UnpackedRow row() & {
    return {.integers = integers_.span(),
            .scales = scales_.span(),
            .shifts = shifts_.span(),
            .shift_scales = shift_scales_.span()};
  }
  UnpackedRow row() && = delete;

 private:
  tensor::Buffer<std::int16_t> integers_;
  tensor::Buffer<float> scales_;
  tensor::Buffer<std::int16_t> shifts_;
  tensor::Buffer<float> shift_scales_;
};

}  // namespace dramatis::kernels::internal
