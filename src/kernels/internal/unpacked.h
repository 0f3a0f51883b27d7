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

// Room for one row in whole groups of kSumLanes blocks; what lies past the row is zero. One piece
// of memory, because a product of few tokens takes hardly longer than asking for five. Throws
// std::bad_alloc.
class RowRoom {
 public:
  RowRoom(tensor::Dtype dtype, std::size_t columns)
      : columns_(columns),
        room_(round_up(columns / kRoundBlock, kSumLanes)),
        multiplied_(has_multipliers(dtype)),
        shifted_(has_shifts(dtype)),
        bytes_(room_ * (kRoundBlock + sizeof(float) + (multiplied_ ? kPartBytes : 0) +
                        (shifted_ ? kPartBytes + sizeof(float) : 0))) {
    std::ranges::fill(bytes_.span(), std::byte{0});
  }
  [[nodiscard]] UnpackedRow row() & {
    const std::size_t blocks = columns_ / kRoundBlock;
    std::byte* free = bytes_.span().data();
    UnpackedRow row;
    row.integers = take<std::int8_t>(free, room_ * kRoundBlock, columns_);
    row.scales = take<float>(free, room_, blocks);
    if (multiplied_)
      row.multipliers = take<std::int16_t>(free, room_ * kPartsOfBlock, blocks * kPartsOfBlock);
    if (!shifted_) return row;
    row.shifts = take<std::int16_t>(free, room_ * kPartsOfBlock, blocks * kPartsOfBlock);
    row.shift_scales = take<float>(free, room_, blocks);
    return row;
  }
  UnpackedRow row() && = delete;

 private:
  // Of the multipliers, or of the shifts, of a block.
  static constexpr std::size_t kPartBytes = kPartsOfBlock * sizeof(std::int16_t);

  // The first `used` of `count` numbers; `free` moves past all of them. Groups of blocks keep each
  // piece aligned for vectors.
  template <class T>
  static std::span<T> take(std::byte*& free, std::size_t count, std::size_t used) {
    T* first = reinterpret_cast<T*>(free);
    free += count * sizeof(T);
    return {first, used};
  }

  std::size_t columns_;
  std::size_t room_;  // blocks, those past the row included
  bool multiplied_;
  bool shifted_;
  tensor::Buffer<std::byte> bytes_;
};

// Row r of a block format. Shapes: those of a RowRoom's row. Checked: r. Threads: any.
void unpack_blocks(const tensor::MatrixView& weights, std::size_t r, const UnpackedRow& to);

}  // namespace dramatis::kernels::internal
