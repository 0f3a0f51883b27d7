// Checks shapes and chooses between the plain loops and those of AVX512_BF16.
#include "kernels/pairs.h"

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/pairs.h"

namespace dramatis::kernels {
namespace {

template <class T>
void check_rows(const RowsOf<T>& x) {
  DRAMATIS_CHECK(x.stride >= x.columns && (x.numbers != nullptr || x.rows * x.columns == 0));
}

void check_panels(std::size_t first, std::size_t last, const Paired& to) {
  DRAMATIS_CHECK(first <= last && last <= to.panels());
}

void multiply(std::span<const internal::LeftTerm> terms, const internal::PairProducts& out) {
  if (has_bf16_products()) {
    internal::vector::multiply(terms, out);
  } else {
    internal::plain::multiply(terms, out);
  }
}

internal::LeftPairs left_of(const Rows16& a) {
  return {.numbers = a.numbers,
          .rows = a.rows,
          .row_stride = a.stride,
          .pair_stride = 2,
          .panel_rows = a.rows,
          .panel_stride = 0};
}

internal::LeftTerm checked(const Rows16& a, const Paired& b, std::size_t rows,
                           std::size_t columns) {
  check_rows(a);
  DRAMATIS_CHECK(a.columns > 0 && a.columns % 2 == 0 && a.columns <= b.pairs() * 2 &&
                 a.rows == rows && rows > 0 && columns <= b.columns());
  return {.a = left_of(a), .b = &b, .pairs = a.columns / 2};
}

}  // namespace

void narrow_bf16(std::span<const float> x, std::span<std::uint16_t> out) {
  DRAMATIS_CHECK(x.size() == out.size());
  if (has_bf16_products()) {
    internal::vector::narrow_bf16(x.data(), x.size(), out.data());
    return;
  }
  for (std::size_t n = 0; n < x.size(); ++n) out[n] = to_bf16(x[n]);
}

void widen_bf16(std::span<const std::uint16_t> x, std::span<float> out) {
  DRAMATIS_CHECK(x.size() == out.size());
  if (has_bf16_products()) {
    internal::vector::widen_bf16(x.data(), x.size(), out.data());
    return;
  }
  for (std::size_t n = 0; n < x.size(); ++n) out[n] = from_bf16(x[n]);
}

Paired pair_rows(const Rows16& x) {
  check_rows(x);
  Paired to(x.rows, x.columns);
  if (has_bf16_products()) {
    internal::vector::pair_rows(x, 0, to.panels(), to);
  } else {
    internal::plain::pair_rows(x, 0, to.panels(), to);
  }
  return to;
}

void pair_rows(const Rows32& x, std::size_t first, std::size_t last, Paired& to) {
  check_rows(x);
  check_panels(first, last, to);
  DRAMATIS_CHECK(to.rows() == x.rows && to.columns() == x.columns);
  if (has_bf16_products()) {
    internal::vector::pair_rows(x, first, last, to);
  } else {
    internal::plain::pair_rows(x, first, last, to);
  }
}

Paired pair_rows(const Rows32& x) {
  Paired to(x.rows, x.columns);
  pair_rows(x, 0, to.panels(), to);
  return to;
}

Paired pair_columns(const Rows16& x) {
  check_rows(x);
  Paired to(x.columns, x.rows);
  if (has_bf16_products()) {
    internal::vector::pair_columns(x, 0, to.panels(), to);
  } else {
    internal::plain::pair_columns(x, 0, to.panels(), to);
  }
  return to;
}

void pair_columns(const Rows32& x, std::size_t first, std::size_t last, Paired& to) {
  check_rows(x);
  check_panels(first, last, to);
  DRAMATIS_CHECK(to.rows() == x.columns && to.columns() == x.rows);
  // The rows of one panel as bf16, laid out as if all rows stood before them.
  tensor::Buffer<std::uint16_t> rounded(kPairColumns * x.columns);
  for (std::size_t panel = first; panel < last; ++panel) {
    const std::size_t begin = panel * kPairColumns;
    const std::size_t count = std::min(kPairColumns, x.rows - begin);
    for (std::size_t r = 0; r < count; ++r) {
      narrow_bf16({x.numbers + (begin + r) * x.stride, x.columns},
                  rounded.span().subspan(r * x.columns, x.columns));
    }
    const Rows16 rows{
        .numbers = rounded.span().data(), .rows = count, .columns = x.columns, .stride = x.columns};
    const Paired packed = pair_columns(rows);
    std::copy(packed.panel(0), packed.panel(0) + packed.panel_size(), to.panel(panel));
  }
}

Paired pair_columns(const Rows32& x) {
  Paired to(x.columns, x.rows);
  pair_columns(x, 0, to.panels(), to);
  return to;
}

void multiply_pairs(const Rows16& a, const Paired& b, const RowsOf<float>& out, Put put) {
  check_rows(out);
  const internal::LeftTerm terms[] = {checked(a, b, out.rows, out.columns)};
  multiply(terms, {.floats = out.numbers,
                   .halves = nullptr,
                   .columns = out.columns,
                   .stride = out.stride,
                   .put = put});
}

void multiply_pairs(std::span<const PairTerm> terms, const RowsOf<std::uint16_t>& out) {
  check_rows(out);
  DRAMATIS_CHECK(!terms.empty());
  std::vector<internal::LeftTerm> lefts;
  for (const auto& [a, b] : terms) lefts.push_back(checked(a, *b, out.rows, out.columns));
  multiply(lefts, {.floats = nullptr,
                   .halves = out.numbers,
                   .columns = out.columns,
                   .stride = out.stride,
                   .put = Put::kReplace});
}

void multiply_pairs(const Rows16& a, const Paired& b, const RowsOf<std::uint16_t>& out) {
  const PairTerm terms[] = {{.a = a, .b = &b}};
  multiply_pairs(terms, out);
}

void multiply_pairs(const Paired& a_transposed, const Paired& b, const RowsOf<float>& out,
                    Put put) {
  check_rows(out);
  DRAMATIS_CHECK(a_transposed.rows() == b.rows() && out.rows == a_transposed.columns() &&
                 out.rows > 0 && out.columns <= b.columns());
  const internal::LeftPairs left{.numbers = a_transposed.panel(0),
                                 .rows = a_transposed.columns(),
                                 .row_stride = 2,
                                 .pair_stride = 2 * kPairColumns,
                                 .panel_rows = kPairColumns,
                                 .panel_stride = a_transposed.panel_size()};
  const internal::LeftTerm terms[] = {{.a = left, .b = &b, .pairs = b.pairs()}};
  multiply(terms, {.floats = out.numbers,
                   .halves = nullptr,
                   .columns = out.columns,
                   .stride = out.stride,
                   .put = put});
}

void multiply_narrow(const Rows32& a, const Rows16& b, float factor, const RowsOf<float>& out) {
  check_rows(a);
  check_rows(b);
  check_rows(out);
  DRAMATIS_CHECK(a.rows == b.rows && out.rows == a.columns && out.columns == b.columns);
  if (has_bf16_products()) {
    internal::vector::multiply_narrow(a, b, factor, out);
  } else {
    internal::plain::multiply_narrow(a, b, factor, out);
  }
}

}  // namespace dramatis::kernels
