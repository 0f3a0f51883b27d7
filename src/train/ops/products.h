// Products of the two number types that the fused operations compute in, behind one name.
#pragma once

#include <cstdint>

#include <torch/torch.h>

#include "kernels/pairs.h"
#include "train/ops/rows.h"

namespace dramatis::train::ops {

// A right factor [K, N]: f32 where it stands, bf16 packed.
template <class T>
class Right;

template <>
class Right<std::uint16_t> {
 public:
  static Right of_rows(const kernels::Rows16& x) { return Right(kernels::pair_rows(x)); }
  static Right of_columns(const kernels::Rows16& x) { return Right(kernels::pair_columns(x)); }

  // out [M, N] = or += a [M, K] times the first K rows and N columns; K even, so that rows to
  // either side of what counts hold zeros.
  void multiply(const kernels::Rows16& a, const kernels::RowsOf<float>& out,
                kernels::Put put) const {
    kernels::multiply_pairs(a, packed_, out, put);
  }
  // out [M, N] += a [K, M] transposed times b [K, N].
  static void add_transposed(const kernels::Rows16& a, const kernels::Rows16& b,
                             const kernels::RowsOf<float>& out) {
    kernels::multiply_pairs(kernels::pair_rows(a), kernels::pair_rows(b), out, kernels::Put::kAdd);
  }

 private:
  explicit Right(kernels::Paired packed) : packed_(std::move(packed)) {}
  kernels::Paired packed_;
};

// By libtorch, on views.
template <>
class Right<float> {
 public:
  static Right of_rows(const kernels::Rows32& x) { return Right(view_of(x)); }
  static Right of_columns(const kernels::Rows32& x) { return Right(view_of(x).t()); }

  void multiply(const kernels::Rows32& a, const kernels::RowsOf<float>& out,
                kernels::Put put) const {
    // Beyond the last row `a` holds zeros.
    const auto rows = std::min(i(a.columns), view_.size(0));
    auto to = view_of(kernels::Rows32{out.numbers, out.rows, out.columns, out.stride});
    const auto product = torch::mm(view_of(a).narrow(1, 0, rows),
                                   view_.narrow(0, 0, rows).narrow(1, 0, i(out.columns)));
    if (put == kernels::Put::kAdd) {
      to.add_(product);
    } else {
      to.copy_(product);
    }
  }
  static void add_transposed(const kernels::Rows32& a, const kernels::Rows32& b,
                             const kernels::RowsOf<float>& out) {
    view_of(kernels::Rows32{out.numbers, out.rows, out.columns, out.stride})
        .add_(torch::mm(view_of(a).t(), view_of(b)));
  }

 private:
  explicit Right(torch::Tensor view) : view_(std::move(view)) {}
  static torch::Tensor view_of(const kernels::Rows32& x) {
    return torch::from_blob(const_cast<float*>(x.numbers), {i(x.rows), i(x.columns)},
                            {i(x.stride), 1}, torch::kFloat32);
  }
  torch::Tensor view_;
};

}  // namespace dramatis::train::ops
