// Tensors of f32 or bf16 as rows: what the fused operations read and write.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <torch/torch.h>

#include "kernels/pairs.h"

namespace dramatis::train::ops {

inline std::size_t z(std::int64_t n) {
  return static_cast<std::size_t>(n);
}
inline std::int64_t i(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

inline bool is_half(const torch::Tensor& x) {
  return x.scalar_type() == torch::kBFloat16;
}

// Numbers of a contiguous tensor. The tensor keeps them alive.
inline float* floats(const torch::Tensor& x) {
  return x.data_ptr<float>();
}
inline std::uint16_t* halves(const torch::Tensor& x) {
  return reinterpret_cast<std::uint16_t*>(x.data_ptr<at::BFloat16>());
}

// A contiguous [.., D] tensor as rows.
inline kernels::Rows16 rows16(const torch::Tensor& x) {
  const std::size_t columns = z(x.size(-1));
  return {
      .numbers = halves(x), .rows = z(x.numel()) / columns, .columns = columns, .stride = columns};
}
inline kernels::Rows32 rows32(const torch::Tensor& x) {
  const std::size_t columns = z(x.size(-1));
  return {
      .numbers = floats(x), .rows = z(x.numel()) / columns, .columns = columns, .stride = columns};
}
inline kernels::RowsOf<float> to_rows32(const torch::Tensor& x) {
  const std::size_t columns = z(x.size(-1));
  return {
      .numbers = floats(x), .rows = z(x.numel()) / columns, .columns = columns, .stride = columns};
}
inline kernels::RowsOf<std::uint16_t> to_rows16(const torch::Tensor& x) {
  const std::size_t columns = z(x.size(-1));
  return {
      .numbers = halves(x), .rows = z(x.numel()) / columns, .columns = columns, .stride = columns};
}

// Some numbers of a row-major tensor as f32: themselves, or widened into a row kept here.
class ReadRow {
 public:
  std::span<const float> operator()(const torch::Tensor& x, std::size_t first, std::size_t count) {
    if (!is_half(x)) return {floats(x) + first, count};
    row_.resize(count);
    kernels::widen_bf16({halves(x) + first, count}, row_);
    return row_;
  }

 private:
  std::vector<float> row_;
};

// `row` into the numbers of `x` from `first` on.
inline void write_row(std::span<const float> row, const torch::Tensor& x, std::size_t first) {
  if (is_half(x)) {
    kernels::narrow_bf16(row, {halves(x) + first, row.size()});
  } else {
    std::copy(row.begin(), row.end(), floats(x) + first);
  }
}

// [N, D] f32 -> bf16.
inline torch::Tensor narrowed(const torch::Tensor& x) {
  auto out = torch::empty(x.sizes(), torch::kBFloat16);
  kernels::narrow_bf16({floats(x), z(x.numel())}, {halves(out), z(out.numel())});
  return out;
}

}  // namespace dramatis::train::ops
