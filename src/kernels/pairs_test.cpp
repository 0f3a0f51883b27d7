#include "kernels/pairs.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "kernels/half.h"
#include "kernels/internal/pairs.h"
#include "kernels/testing/numbers.h"

namespace dramatis::kernels {
namespace {

std::vector<std::uint16_t> halves(std::size_t count, std::uint64_t seed) {
  std::vector<std::uint16_t> made;
  for (const float x : testing::numbers(count, seed)) made.push_back(to_bf16(x));
  return made;
}

Rows16 rows_of(const std::vector<std::uint16_t>& x, std::size_t rows, std::size_t columns) {
  return {.numbers = x.data(), .rows = rows, .columns = columns, .stride = columns};
}

// K products below 1 in another order of sums: K * 2^-24 each way, and some room.
float tolerance(std::size_t k) {
  return static_cast<float>(k) * 0x1p-22F + 1e-6F;
}

float product_at(const std::vector<std::uint16_t>& a, const std::vector<std::uint16_t>& b,
                 std::size_t k, std::size_t columns, std::size_t m, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < k; ++i)
    sum += static_cast<double>(from_bf16(a[m * k + i])) * from_bf16(b[i * columns + n]);
  return static_cast<float>(sum);
}

struct Size {
  std::size_t m, k, n;
};
constexpr Size kSizes[] = {{1, 2, 1},   {5, 10, 17},   {13, 64, 64},  {7, 34, 130},
                           {30, 8, 48}, {25, 1400, 8}, {64, 66, 100}, {200, 1300, 70}};

TEST(Pairs, ProductsAreThoseOfDoublePrecision) {
  for (const auto& [m, k, n] : kSizes) {
    const auto a = halves(m * k, 1);
    const auto b = halves(k * n, 2);
    std::vector<float> out(m * n, 0.5F);
    const RowsOf<float> to{.numbers = out.data(), .rows = m, .columns = n, .stride = n};
    multiply_pairs(rows_of(a, m, k), pair_rows(rows_of(b, k, n)), to, Put::kReplace);
    multiply_pairs(rows_of(a, m, k), pair_rows(rows_of(b, k, n)), to, Put::kAdd);
    for (std::size_t r = 0; r < m; ++r) {
      for (std::size_t c = 0; c < n; ++c)
        ASSERT_NEAR(out[r * n + c], 2 * product_at(a, b, k, n, r, c), 2 * tolerance(k));
    }
  }
}

TEST(Pairs, AProductIntoHalvesIsRoundedOnce) {
  for (const auto& [m, k, n] : kSizes) {
    const auto a = halves(m * k, 1);
    const auto b = halves(k * n, 2);
    std::vector<float> floats(m * n);
    std::vector<std::uint16_t> out(m * n);
    const auto packed = pair_rows(rows_of(b, k, n));
    // One block of k: the same sums.
    if (k > 1280) continue;
    multiply_pairs(rows_of(a, m, k), packed,
                   RowsOf<float>{.numbers = floats.data(), .rows = m, .columns = n, .stride = n},
                   Put::kReplace);
    multiply_pairs(
        rows_of(a, m, k), packed,
        RowsOf<std::uint16_t>{.numbers = out.data(), .rows = m, .columns = n, .stride = n});
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], to_bf16(floats[i]));
  }
}

TEST(Pairs, AnyPackingGivesTheSameMatrix) {
  for (const auto& [rows, k, n] : kSizes) {
    for (const std::size_t odd : {k, k + 1}) {
      const auto floats = testing::numbers(odd * n, 4);
      std::vector<std::uint16_t> x(floats.size()), turned(floats.size());
      std::vector<float> turned_floats(floats.size());
      narrow_bf16(floats, x);
      for (std::size_t i = 0; i < odd; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          ASSERT_EQ(x[i * n + j], to_bf16(floats[i * n + j]));
          turned[j * odd + i] = x[i * n + j];
          turned_floats[j * odd + i] = floats[i * n + j];
        }
      }
      Paired expected(odd, n);
      internal::plain::pair_rows(rows_of(x, odd, n), 0, expected.panels(), expected);
      const Rows32 as_floats{.numbers = floats.data(), .rows = odd, .columns = n, .stride = n};
      const Rows32 as_turned{
          .numbers = turned_floats.data(), .rows = n, .columns = odd, .stride = odd};
      for (const Paired& packed :
           {pair_rows(rows_of(x, odd, n)), pair_rows(as_floats),
            pair_columns(rows_of(turned, n, odd)), pair_columns(as_turned)}) {
        ASSERT_EQ(packed.bytes(), expected.bytes());
        ASSERT_EQ(std::memcmp(packed.panel(0), expected.panel(0), packed.bytes()), 0);
      }
    }
  }
}

TEST(Pairs, ATransposedLeftFactorGivesTheSameProducts) {
  for (const auto& [m, k, n] : kSizes) {
    const auto a = halves(m * k, 1);
    const auto b = halves(k * n, 2);
    const auto packed = pair_rows(rows_of(b, k, n));
    std::vector<float> out(m * n), turned(m * n);
    multiply_pairs(rows_of(a, m, k), packed,
                   RowsOf<float>{.numbers = out.data(), .rows = m, .columns = n, .stride = n},
                   Put::kReplace);
    multiply_pairs(pair_columns(rows_of(a, m, k)), packed,
                   RowsOf<float>{.numbers = turned.data(), .rows = m, .columns = n, .stride = n},
                   Put::kReplace);
    EXPECT_EQ(out, turned);
  }
}

TEST(Pairs, ASumOfProductsLeavesOutWhatIsBeyondItsRowsAndColumns) {
  const std::size_t m = 19, k = 12, n = 90;
  const auto a = halves(m * k, 1);
  const auto more = halves(m * 4, 3);
  const auto b = halves((k + 6) * (n + 70), 2);
  const auto packed = pair_rows(rows_of(b, k + 6, n + 70));
  std::vector<float> first(m * n), all(m * n);
  const auto to = [&](std::vector<float>& out) {
    return RowsOf<float>{.numbers = out.data(), .rows = m, .columns = n, .stride = n};
  };
  multiply_pairs(rows_of(a, m, k), packed, to(first), Put::kReplace);
  all = first;
  multiply_pairs(rows_of(more, m, 4), packed, to(all), Put::kAdd);
  std::vector<std::uint16_t> sums(m * n);
  const PairTerm terms[] = {{.a = rows_of(a, m, k), .b = &packed},
                            {.a = rows_of(more, m, 4), .b = &packed}};
  multiply_pairs(terms, {.numbers = sums.data(), .rows = m, .columns = n, .stride = n});
  for (std::size_t r = 0; r < m; ++r) {
    for (std::size_t c = 0; c < n; ++c) {
      ASSERT_NEAR(first[r * n + c], product_at(a, b, k, n + 70, r, c), tolerance(k));
      ASSERT_EQ(sums[r * n + c], to_bf16(all[r * n + c]));
    }
  }
}

TEST(Pairs, NarrowProductsAreThoseOfPlainLoops) {
  for (const auto& [t, unused, n] : kSizes) {
    for (const std::size_t r : {1UL, 8UL, 11UL}) {
      const auto a = testing::numbers(t * r, 1);
      const auto b = halves(t * n, 2);
      const Rows32 left{.numbers = a.data(), .rows = t, .columns = r, .stride = r};
      std::vector<float> fast(r * n), plain(r * n);
      multiply_narrow(left, rows_of(b, t, n), 0.5F,
                      {.numbers = fast.data(), .rows = r, .columns = n, .stride = n});
      internal::plain::multiply_narrow(
          left, rows_of(b, t, n), 0.5F,
          {.numbers = plain.data(), .rows = r, .columns = n, .stride = n});
      for (std::size_t i = 0; i < fast.size(); ++i) ASSERT_NEAR(fast[i], plain[i], tolerance(t));
    }
  }
}

}  // namespace
}  // namespace dramatis::kernels
