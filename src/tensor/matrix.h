// A view of a weight matrix in one of the number formats.
#pragma once

#include <cstddef>
#include <span>

#include "base/check.h"
#include "tensor/dtype.h"

namespace dramatis::tensor {

// [rows, columns], row-major, rows of whole blocks. The bytes are kept alive by who made the view.
struct MatrixView {
  Dtype dtype = Dtype::kF32;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::span<const std::byte> bytes;

  [[nodiscard]] std::size_t row_bytes() const {
    const auto& about = dtype_row(dtype);
    return columns / about.block * about.bytes_per_block;
  }
  // Checked: r < rows.
  [[nodiscard]] std::span<const std::byte> row(std::size_t r) const {
    DRAMATIS_CHECK(r < rows);
    return bytes.subspan(r * row_bytes(), row_bytes());
  }
};

}  // namespace dramatis::tensor
