// Products of bf16 matrices, for training: factors rounded to bf16, sums in f32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/buffer.h"

namespace dramatis::kernels {

// Columns that stand together in a Paired: four registers of AVX-512, so that with six rows 24
// sums are in flight.
constexpr std::size_t kPairColumns = 64;

// A [K, N] matrix of bf16 as the right factor of a product over K: panels of kPairColumns columns;
// in each, for every two rows, the pairs (x[2 p, n], x[2 p + 1, n]) of its columns. What is missing
// in the last panel and in an odd last row is zero. As the transposed left factor it is a [K, M]
// matrix. Immutable once filled.
class Paired {
 public:
  Paired() = default;
  // Of undefined numbers. Throws std::bad_alloc.
  Paired(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), numbers_(panels() * panel_size()) {}

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] std::size_t pairs() const { return (rows_ + 1) / 2; }
  [[nodiscard]] std::size_t panels() const { return (columns_ + kPairColumns - 1) / kPairColumns; }
  // Numbers of one panel.
  [[nodiscard]] std::size_t panel_size() const { return pairs() * kPairColumns * 2; }
  [[nodiscard]] std::size_t bytes() const { return numbers_.size() * sizeof(std::uint16_t); }
  [[nodiscard]] std::uint16_t* panel(std::size_t p) {
    return numbers_.span().data() + p * panel_size();
  }
  [[nodiscard]] const std::uint16_t* panel(std::size_t p) const {
    return numbers_.span().data() + p * panel_size();
  }

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  tensor::Buffer<std::uint16_t> numbers_;
};

// Rows of a row-major matrix, `stride` numbers from one to the next. The numbers are kept alive by
// who made the view.
template <class T>
struct RowsOf {
  T* numbers = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t stride = 0;  // at least `columns`
};
using Rows16 = RowsOf<const std::uint16_t>;
using Rows32 = RowsOf<const float>;

// Whether this processor multiplies bf16 (AVX512_BF16); elsewhere the plain loops compute.
// Threads: any.
[[nodiscard]] bool has_bf16_products();

// out[n] = x[n] as bf16, to nearest, ties to even; numbers below the least normal one may become
// zero. And back, exactly. Checked: equal lengths. Threads: any.
void narrow_bf16(std::span<const float> x, std::span<std::uint16_t> out);
void widen_bf16(std::span<const std::uint16_t> x, std::span<float> out);

// `x` [K, N] as it is, and `x` [N, K] transposed. Threads: any.
[[nodiscard]] Paired pair_rows(const Rows16& x);
[[nodiscard]] Paired pair_rows(const Rows32& x);
[[nodiscard]] Paired pair_columns(const Rows16& x);
[[nodiscard]] Paired pair_columns(const Rows32& x);
// The same into `to`, whose panels from `first` up to, not including, `last` are filled; for
// matrices that several threads pack. Checked: sizes, range.
void pair_columns(const Rows32& x, std::size_t first, std::size_t last, Paired& to);
void pair_rows(const Rows32& x, std::size_t first, std::size_t last, Paired& to);

// What becomes of a product.
enum class Put {
  kReplace,  // out = a b
  kAdd,      // out = out + a b
};

// A product of a sum of products.
struct PairTerm {
  Rows16 a;                   // [M, K], K even
  const Paired* b = nullptr;  // [at least K, at least N]; kept alive by who made the term
};

// out[m, n] = sum over k of a[m, k] * b[k, n]. Sums in f32, the two products of a pair one after
// the other, blocks of k in order: a result depends on its row and its column alone.
// Shapes: a [M, K], K even, or, as Paired, [K, M] transposed; b [K, N]; out [M, N]. Where `a` is
// rows, b may have more rows, and out fewer columns than b: the others are left out. A product into
// bf16, and a sum of products, is rounded once, at the end. Checked: shapes. Threads: any, with
// outputs of their own.
void multiply_pairs(const Rows16& a, const Paired& b, const RowsOf<float>& out, Put put);
void multiply_pairs(const Rows16& a, const Paired& b, const RowsOf<std::uint16_t>& out);
void multiply_pairs(std::span<const PairTerm> terms, const RowsOf<std::uint16_t>& out);
void multiply_pairs(const Paired& a_transposed, const Paired& b, const RowsOf<float>& out, Put put);

// out[r, n] = sum over t of factor * a[t, r] * b[t, n] in f32, for few r: the gradients of narrow
// matrices. Sums in order of t. Shapes: a [T, R], b [T, N], out [R, N]. Checked. Threads: any.
void multiply_narrow(const Rows32& a, const Rows16& b, float factor, const RowsOf<float>& out);

}  // namespace dramatis::kernels
