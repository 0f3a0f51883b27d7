// Products of pairs as plain loops.
#include "kernels/internal/pairs.h"

#include "kernels/half.h"

namespace dramatis::kernels::internal::plain {
namespace {

std::uint16_t as_bf16(std::uint16_t x) {
  return x;
}
std::uint16_t as_bf16(float x) {
  return to_bf16(x);
}

// x[k, n], or zero beyond the last row and column.
template <class T>
std::uint16_t number_at(const RowsOf<const T>& x, std::size_t k, std::size_t n) {
  return k < x.rows && n < x.columns ? as_bf16(x.numbers[k * x.stride + n]) : 0;
}

template <class T>
void pair_rows_of(const RowsOf<const T>& x, std::size_t first, std::size_t last, Paired& to) {
  for (std::size_t panel = first; panel < last; ++panel) {
    std::uint16_t* at = to.panel(panel);
    for (std::size_t p = 0; p < to.pairs(); ++p) {
      for (std::size_t n = 0; n < kPairColumns; ++n) {
        *at++ = number_at(x, 2 * p, panel * kPairColumns + n);
        *at++ = number_at(x, 2 * p + 1, panel * kPairColumns + n);
      }
    }
  }
}

void add_product(const LeftTerm& term, std::size_t m, std::size_t n, float& sum) {
  const LeftPairs& a = term.a;
  const std::uint16_t* row =
      a.numbers + m / a.panel_rows * a.panel_stride + m % a.panel_rows * a.row_stride;
  const std::uint16_t* column = term.b->panel(n / kPairColumns) + n % kPairColumns * 2;
  for (std::size_t p = 0; p < term.pairs; ++p) {
    for (std::size_t half = 0; half < 2; ++half) {
      sum +=
          from_bf16(row[p * a.pair_stride + half]) * from_bf16(column[p * 2 * kPairColumns + half]);
    }
  }
}

}  // namespace

void pair_rows(const Rows16& x, std::size_t first, std::size_t last, Paired& to) {
  pair_rows_of(x, first, last, to);
}
void pair_rows(const Rows32& x, std::size_t first, std::size_t last, Paired& to) {
  pair_rows_of(x, first, last, to);
}

void pair_columns(const Rows16& x, std::size_t first, std::size_t last, Paired& to) {
  for (std::size_t panel = first; panel < last; ++panel) {
    std::uint16_t* at = to.panel(panel);
    for (std::size_t p = 0; p < to.pairs(); ++p) {
      for (std::size_t n = 0; n < kPairColumns; ++n) {
        *at++ = number_at(x, panel * kPairColumns + n, 2 * p);
        *at++ = number_at(x, panel * kPairColumns + n, 2 * p + 1);
      }
    }
  }
}

void multiply(std::span<const LeftTerm> terms, const PairProducts& out) {
  for (std::size_t m = 0; m < terms[0].a.rows; ++m) {
    for (std::size_t n = 0; n < out.columns; ++n) {
      float sum = out.put == Put::kAdd ? out.floats[m * out.stride + n] : 0.0F;
      for (const LeftTerm& term : terms) add_product(term, m, n, sum);
      if (out.floats != nullptr) {
        out.floats[m * out.stride + n] = sum;
      } else {
        out.halves[m * out.stride + n] = to_bf16(sum);
      }
    }
  }
}

void multiply_narrow(const Rows32& a, const Rows16& b, float factor, const RowsOf<float>& out) {
  for (std::size_t r = 0; r < out.rows; ++r) {
    for (std::size_t n = 0; n < out.columns; ++n) {
      float sum = 0;
      for (std::size_t t = 0; t < a.rows; ++t)
        sum += a.numbers[t * a.stride + r] * from_bf16(b.numbers[t * b.stride + n]);
      out.numbers[r * out.stride + n] = sum * factor;
    }
  }
}

}  // namespace dramatis::kernels::internal::plain
