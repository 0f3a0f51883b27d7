// Sixteen weight rows side by side, so that each is a lane of a register.
#pragma once

#include "kernels/internal/unpacked.h"

#define DRAMATIS_VNNI_TARGET "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"

namespace dramatis::kernels::internal {

inline constexpr std::size_t kPanelRows = 16;

// Null where the format has none. Aligned to 64 bytes.
struct Panel {
  std::size_t rows;                 // 1 to 16; the others repeat the last
  std::size_t blocks;               // of a row
  const std::uint8_t* integers;     // [blocks, 8, 16 rows, 4], raised by 128
  const float* scales;              // [blocks, 16]
  const std::int16_t* multipliers;  // [blocks, 16, 2]
  const std::int16_t* shifts;       // [blocks, 16, 2]
  const float* shift_scales;        // [blocks, 16]
};

// Room for one panel. Throws std::bad_alloc.
class PanelRoom {
 public:
  PanelRoom(tensor::Dtype dtype, std::size_t columns);

  // The rows of `range`, at most 16. The panel holds until the next call.
  [[nodiscard]] Panel fill(const tensor::MatrixView& weights, RowRange range);

 private:
  void scatter(const UnpackedRow& row, std::size_t lane);

  std::size_t blocks_;
  std::size_t stride_;                // bytes between rows_: whole cache lines
  tensor::Buffer<std::int8_t> rows_;  // [16, stride]
  RowRoom room_;                      // of one row's scales
  tensor::Buffer<std::uint8_t> integers_;
  tensor::Buffer<float> scales_;
  tensor::Buffer<std::int16_t> multipliers_;
  tensor::Buffer<std::int16_t> shifts_;
  tensor::Buffer<float> shift_scales_;
};

}  // namespace dramatis::kernels::internal
