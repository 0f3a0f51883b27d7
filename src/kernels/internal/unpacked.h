// A weight row as the products read it: integers of a byte with a scale for each block of 32,
// whatever the format it comes from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/matmul.h"
#include "tensor/buffer.h"

namespace dramatis::kernels::internal {

// Numbers that share one multiplier and one shift: half of a kRoundBlock, because some K formats
// have one for each 16.
inline constexpr std::size_t kPart = 16;
inline constexpr std::size_t kPartsOfBlock = kRoundBlock / kPart;
// Block b adds to lane b % kSumLanes, so the fast products read so many blocks at once.
inline constexpr std::size_t kSumLanes = 8;

// Number n of the row is integers[n] * multipliers[n / 16] * scales[n / 32] + shifts[n / 16] *
// shift_scales[n / 32]. Scales and minima that a format keeps as integers are multipliers and
// shifts, so that all sums within a block of 32 stay exact.
struct UnpackedRow {
  std::span<std::int8_t> integers;      // [D]
  std::span<float> scales;              // [D / 32]
  std::span<std::int16_t> multipliers;  // [D / 16], -128 to 127; empty where all are one
  std::span<std::int16_t> shifts;       // [D / 16], at most 63 in size; empty where all are zero
  std::span<float> shift_scales;        // [D / 32]; empty as above
};

// True of the K formats.
[[nodiscard]] bool has_multipliers(tensor::Dtype dtype);
// True of the formats whose numbers are shifted: Q4_1, Q5_1, Q2_K, Q4_K, Q5_K.
[[nodiscard]] bool has_shifts(tensor::Dtype dtype);

// `count`, and what is missing to whole steps.
constexpr std::size_t round_up(std::size_t count, std::size_t step) {
  return (count + step - 1) / step * step;
}

// Room for one row in whole groups of kSumLanes blocks; what lies past the row is zero. Throws
// std::bad_alloc.
class RowRoom {
 public:
  RowRoom(tensor::Dtype dtype, std::size_t columns) : columns_(columns) {
    const std::size_t blocks = round_up(columns / kRoundBlock, kSumLanes);
    integers_ = zeros<std::int8_t>(blocks * kRoundBlock);
    scales_ = zeros<float>(blocks);
    if (has_multipliers(dtype)) multipliers_ = zeros<std::int16_t>(blocks * kPartsOfBlock);
    if (!has_shifts(dtype)) return;
    shifts_ = zeros<std::int16_t>(blocks * kPartsOfBlock);
    shift_scales_ = zeros<float>(blocks);
  }
  [[nodiscard]] UnpackedRow row() & {
    const std::size_t blocks = columns_ / kRoundBlock;
    return {.integers = integers_.span().first(columns_),
            .scales = scales_.span().first(blocks),
            .multipliers = first_of(multipliers_, blocks * kPartsOfBlock),
            .shifts = first_of(shifts_, blocks * kPartsOfBlock),
            .shift_scales = first_of(shift_scales_, blocks)};
  }
  UnpackedRow row() && = delete;

 private:
  template <class T>
  static tensor::Buffer<T> zeros(std::size_t size) {
    tensor::Buffer<T> made(size);
    std::ranges::fill(made.span(), T{0});
    return made;
  }
  template <class T>
  static std::span<T> first_of(tensor::Buffer<T>& from, std::size_t count) {
    return from.size() == 0 ? std::span<T>{} : from.span().first(count);
  }

  std::size_t columns_;
  tensor::Buffer<std::int8_t> integers_;
  tensor::Buffer<float> scales_;
  tensor::Buffer<std::int16_t> multipliers_;
  tensor::Buffer<std::int16_t> shifts_;
  tensor::Buffer<float> shift_scales_;
};

// Row r of a block format. Shapes: those of a RowRoom's row. Checked: r. Threads: any.
void unpack_blocks(const tensor::MatrixView& weights, std::size_t r, const UnpackedRow& to);

}  // namespace dramatis::kernels::internal
