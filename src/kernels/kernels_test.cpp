#include <bit>
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "kernels/attention.h"
#include "kernels/half.h"
#include "kernels/matmul.h"
#include "kernels/quantise.h"
#include "kernels/reference/reference.h"
#include "kernels/testing/numbers.h"
#include "kernels/vectors.h"

namespace dramatis::kernels {
namespace {

using tensor::Dtype;
using testing::kFormats;
using testing::numbers;
using testing::random_weights;

// Bits, so that a differing last place or sign of zero is seen.
void expect_same(std::span<const float> fast, std::span<const float> plain) {
  ASSERT_EQ(fast.size(), plain.size());
  for (std::size_t n = 0; n < fast.size(); ++n) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(fast[n]), std::bit_cast<std::uint32_t>(plain[n]))
        << "at " << n << " of " << fast.size() << ": " << fast[n] << " and " << plain[n];
  }
}
// Without fused multiply-add each product rounds once more: 2^-24 for each of up to 3000 terms
// below 1.
void expect_near(std::span<const float> fast, std::span<const float> plain) {
  ASSERT_EQ(fast.size(), plain.size());
  for (std::size_t n = 0; n < fast.size(); ++n) {
    ASSERT_NEAR(fast[n], plain[n], 2e-4 * (1 + std::abs(plain[n]))) << "at " << n;
  }
}

// Targets as Highway numbers them: better ones lower. VNNI is AVX3 with vpdpbusd.
constexpr std::int64_t kAvx3 = std::int64_t{1} << 8;
constexpr std::int64_t kVnni = kAvx3 | (std::int64_t{1} << 7);
constexpr std::int64_t kAvx2 = std::int64_t{1} << 9;
constexpr std::int64_t kSse4 = std::int64_t{1} << 11;
constexpr std::int64_t kBaselines[] = {std::int64_t{1} << 61, std::int64_t{1} << 62};

// Every test runs on every vector unit that this machine has and the kernels were compiled for.
class Kernels : public ::testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }

  static void expect_agree(std::span<const float> fast, std::span<const float> plain) {
    if (GetParam() <= kAvx2) {  // these fuse
      expect_same(fast, plain);
    } else {
      expect_near(fast, plain);
    }
  }
};

std::vector<std::int64_t> targets() {
  std::vector<std::int64_t> found;
  const std::int64_t has = hwy::SupportedTargets();
  for (const auto target : {kVnni, kAvx3, kAvx2, kSse4, kBaselines[0], kBaselines[1]}) {
    if ((has & target) == target) found.push_back(target);
  }
  return found;
}
INSTANTIATE_TEST_SUITE_P(Targets, Kernels, ::testing::ValuesIn(targets()), [](const auto& about) {
  return about.param == kVnni ? std::string("VNNI") : std::string(hwy::TargetName(about.param));
});

constexpr std::size_t kOddSizes[] = {1, 2, 7, 15, 16, 17, 31, 33, 63, 64, 100, 257, 1000};

TEST_P(Kernels, NormAgrees) {
  for (const auto size : kOddSizes) {
    const auto x = numbers(size, size);
    const auto weight = numbers(size, size + 1);
    std::vector<float> fast(size);
    std::vector<float> plain(size);
    rms_norm(x, weight, 1e-5F, fast);
    reference::rms_norm(x, weight, 1e-5F, plain);
    expect_agree(fast, plain);
  }
}

TEST_P(Kernels, SoftmaxAgrees) {
  for (const auto size : kOddSizes) {
    auto fast = numbers(size, size, 20);
    auto plain = fast;
    softmax(fast);
    reference::softmax(plain);
    expect_agree(fast, plain);
    double sum = 0;
    for (const float share : fast) sum += share;
    EXPECT_NEAR(sum, 1, 1e-5);  // 1000 roundings of at most 2^-25
  }
}

// G26: a score that is not finite is seen in every share.
TEST_P(Kernels, SoftmaxKeepsWhatIsNotFinite) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  for (const float bad : {std::nanf(""), kInfinite, -kInfinite}) {
    for (const std::size_t at : {0U, 5U, 30U, 36U}) {
      auto fast = numbers(37, 3);
      fast[at] = bad;
      auto plain = fast;
      softmax(fast);
      reference::softmax(plain);
      for (const auto& shares : {fast, plain})
        EXPECT_TRUE(std::ranges::all_of(shares, [](float share) { return std::isnan(share); }));
    }
  }
}

TEST_P(Kernels, RotationAgrees) {
  for (const auto size : kOddSizes) {
    auto fast = numbers(2 * size, size);
    auto plain = fast;
    const auto cos = numbers(size, size + 1);
    const auto sin = numbers(size, size + 2);
    rope(fast, cos, sin);
    reference::rope(plain, cos, sin);
    expect_agree(fast, plain);
    rope_halves(fast, cos, sin);
    reference::rope_halves(plain, cos, sin);
    expect_agree(fast, plain);
  }
}

TEST_P(Kernels, GateAndAdditionAgree) {
  for (const auto size : kOddSizes) {
    const auto gate = numbers(size, size, 100);
    const auto up = numbers(size, size + 1);
    std::vector<float> fast(size);
    std::vector<float> plain(size);
    silu_mul(gate, up, fast);
    reference::silu_mul(gate, up, plain);
    expect_agree(fast, plain);
    gelu_mul(gate, up, fast);
    reference::gelu_mul(gate, up, plain);
    expect_agree(fast, plain);
    add(up, fast);
    reference::add(up, plain);
    expect_agree(fast, plain);
  }
}

TEST_P(Kernels, SoftCapAgreesAndBounds) {
  for (const auto size : kOddSizes) {
    auto fast = numbers(size, size, 300);
    auto plain = fast;
    const auto before = fast;
    soft_cap(fast, 50);
    reference::soft_cap(plain, 50);
    expect_agree(fast, plain);
    for (std::size_t n = 0; n < size; ++n) {
      // exp is good to 2.4e-7 of itself, which moves 50 * tanh by at most 50 * 2.4e-7 / 2; the
      // additions round 50 to 2^-19.
      EXPECT_NEAR(fast[n], 50 * std::tanh(static_cast<double>(before[n]) / 50), 1.5e-5);
    }
  }
}

// G26
TEST_P(Kernels, SoftCapKeepsWhatIsNotFinite) {
  std::vector<float> x(19, 1.0F);
  x[2] = std::nanf("");
  x[18] = std::numeric_limits<float>::infinity();
  soft_cap(x, 30);
  EXPECT_TRUE(std::isnan(x[2]));
  EXPECT_TRUE(std::isnan(x[18]));
  EXPECT_TRUE(std::isfinite(x[3]));
}

// Keys and values of one sequence in pages of `page_rows` rows: keys first, then values, in each
// row a number of other heads on both sides.
struct PagedHead {
  PagedHead(Dtype dtype, std::size_t width, std::size_t rows, std::size_t page_rows_)
      : page_rows(page_rows_), around(dtype == Dtype::kQ8_0 ? 32 : 3), row(width + 2 * around) {
    const auto keys = numbers(rows * row, 1);
    const auto values = numbers(rows * row, 2);
    for (std::size_t from = 0; from < rows; from += page_rows) {
      std::vector<float> page(2 * page_rows * row);
      const std::size_t count = std::min(page_rows, rows - from) * row;
      std::copy_n(keys.begin() + from * row, count, page.begin());
      std::copy_n(values.begin() + from * row, count, page.begin() + page_rows * row);
      pages.push_back(packed(page, dtype));
      starts.push_back(pages.back().data());
    }
    row_bytes = *tensor::bytes_of(dtype, row);
    skipped = *tensor::bytes_of(dtype, around);
  }
  static std::vector<std::byte> packed(const std::vector<float>& numbers, Dtype dtype) {
    if (dtype != Dtype::kQ8_0) return quantise(numbers, dtype).value();
    std::vector<std::byte> bytes(*tensor::bytes_of(dtype, numbers.size()));
    narrow_q8(numbers, bytes);
    return bytes;
  }
  [[nodiscard]] HeadView view(std::span<const float> query, Dtype dtype, float cap = 0) const {
    return {.query = query,
            .dtype = dtype,
            .pages = starts,
            .page_rows = page_rows,
            .keys = skipped,
            .values = skipped + page_rows * row_bytes,
            .row_bytes = row_bytes,
            .scale = 0.25F,
            .cap = cap};
  }

  std::size_t page_rows;
  std::size_t around;
  std::size_t row;
  std::vector<std::vector<std::byte>> pages;
  std::vector<const std::byte*> starts;
  std::size_t row_bytes = 0;
  std::size_t skipped = 0;
};

TEST_P(Kernels, AttentionAgreesHoweverRowsAreSplitIntoPages) {
  for (const auto dtype : {Dtype::kF32, Dtype::kF16, Dtype::kQ8_0}) {
    for (const std::size_t width : {1U, 7U, 16U, 24U, 64U, 96U}) {
      if (dtype == Dtype::kQ8_0 && width % 32 != 0) continue;
      for (const std::size_t length : {1U, 3U, 4U, 37U}) {
        const auto query = numbers(width, 3);
        const PagedHead whole(dtype, width, length + 2, length + 2);
        for (const float cap : {0.0F, 0.5F}) {
          std::vector<float> scores(length);
          std::vector<float> plain(width);
          std::vector<float> in_one(width);
          reference::attend(whole.view(query, dtype, cap), {.first = 2, .length = length}, scores,
                            plain);
          attend(whole.view(query, dtype, cap), {.first = 2, .length = length}, scores, in_one);
          expect_agree(in_one, plain);
          for (const std::size_t page_rows : {1U, 4U, 5U}) {
            const PagedHead paged(dtype, width, length + 2, page_rows);
            std::vector<float> fast(width);
            attend(paged.view(query, dtype, cap), {.first = 2, .length = length}, scores, fast);
            EXPECT_EQ(fast, in_one);
          }
        }
      }
    }
  }
}

TEST(NarrowQ8, RoundsToNearestAndTellsOfWhatIsNotFinite) {
  std::vector<float> x(96, 0.0F);
  for (std::size_t n = 0; n < 32; ++n) x[n] = static_cast<float>(n) - 10.0F;
  x[40] = std::numeric_limits<float>::infinity();
  x[70] = 1e-9F;  // its scale is too small for a binary16
  std::vector<std::byte> out(3 * 34);
  narrow_q8(x, out);
  std::uint16_t scale = 0;
  std::memcpy(&scale, out.data(), 2);
  for (std::size_t n = 0; n < 32; ++n) {
    const float back = static_cast<float>(static_cast<std::int8_t>(out[2 + n])) * from_f16(scale);
    // Half a step, and the step is 21 / 127 of the largest.
    EXPECT_NEAR(back, x[n], 0.5F * 21 / 127 * 1.001F);
  }
  std::memcpy(&scale, out.data() + 34, 2);
  EXPECT_TRUE(std::isnan(from_f16(scale)));
  std::memcpy(&scale, out.data() + 68, 2);
  EXPECT_EQ(scale, 0);
}

TEST_P(Kernels, RoundingAgrees) {
  for (const std::size_t blocks : {1U, 3U, 9U}) {
    auto x = numbers(blocks * 32, blocks, 7);
    if (blocks == 3) std::fill(x.begin(), x.begin() + 32, 0.0F);
    if (blocks == 9) std::fill(x.begin(), x.begin() + 32, 1e-42F);
    std::vector<std::int8_t> fast(x.size());
    std::vector<std::int8_t> plain(x.size());
    std::vector<float> fast_scales(blocks);
    std::vector<float> plain_scales(blocks);
    round_row(x, fast, fast_scales);
    reference::round_row(x, plain, plain_scales);
    EXPECT_EQ(fast, plain);
    expect_same(fast_scales, plain_scales);
    EXPECT_LE(*std::max_element(fast.begin(), fast.end()), 127);
  }
}

// G26
TEST_P(Kernels, RoundingPoisonsABlockThatIsNotFinite) {
  auto x = numbers(64, 1);
  x[3] = std::numeric_limits<float>::infinity();
  x[40] = std::nanf("");
  std::vector<std::int8_t> rounded(64);
  std::vector<float> scales(2);
  round_row(x, rounded, scales);
  EXPECT_TRUE(std::isnan(scales[0]));
  EXPECT_TRUE(std::isnan(scales[1]));
  EXPECT_EQ(rounded, std::vector<std::int8_t>(64, 0));
}

TEST_P(Kernels, RestsAgreeAndMakeSixteenBitsOfEight) {
  for (const std::size_t blocks : {1U, 3U, 9U}) {
    auto x = numbers(blocks * 32, blocks, 7);
    if (blocks == 3) std::fill(x.begin(), x.begin() + 32, 0.0F);
    if (blocks == 9) std::fill(x.begin(), x.begin() + 32, 1e-42F);
    if (blocks == 9) x[40] = std::nanf("");
    std::vector<std::int8_t> once(x.size());
    std::vector<std::int8_t> fast(x.size());
    std::vector<std::int8_t> plain(x.size());
    std::vector<float> once_scales(blocks);
    std::vector<float> fast_scales(blocks);
    std::vector<float> plain_scales(blocks);
    round_row(x, once, once_scales);
    const RoundedRow row{.integers = once, .scales = once_scales};
    round_rest(x, row, fast, fast_scales);
    reference::round_rest(x, row, plain, plain_scales);
    EXPECT_EQ(fast, plain);
    for (std::size_t b = 0; b < blocks; ++b) {
      EXPECT_EQ(std::isnan(fast_scales[b]), std::isnan(once_scales[b]));
      if (std::isnan(fast_scales[b])) continue;
      EXPECT_EQ(fast_scales[b], plain_scales[b]);
      for (std::size_t n = b * 32; n < (b + 1) * 32; ++n) {
        const float back = static_cast<float>(once[n]) * once_scales[b] +
                           static_cast<float>(fast[n]) * fast_scales[b];
        // Half a step is left twice; f32 itself adds 2^-23 of the largest.
        EXPECT_NEAR(back, x[n], 127 * once_scales[b] * (1.01F / 254 / 254 + 0x1p-22F) + 1e-41F);
      }
    }
  }
}

// Activations with what a matmul of any format reads.
struct Prepared {
  std::vector<float> exact;
  std::vector<std::int8_t> rounded;
  std::vector<float> scales;
  std::size_t columns = 0;

  [[nodiscard]] Activations rows(std::size_t first, std::size_t count) const {
    return {.rows = count,
            .columns = columns,
            .exact = std::span(exact).subspan(first * columns, count * columns),
            .rounded = std::span(rounded).subspan(first * columns, count * columns),
            .scales = std::span(scales).subspan(first * columns / 32, count * columns / 32)};
  }
};
Prepared prepared(std::size_t tokens, std::size_t columns, std::uint64_t seed) {
  Prepared made{.exact = numbers(tokens * columns, seed),
                .rounded = std::vector<std::int8_t>(tokens * columns),
                .scales = std::vector<float>(tokens * columns / 32),
                .columns = columns};
  round_row(made.exact, made.rounded, made.scales);
  return made;
}

Prepared prepared_twice(std::size_t tokens, std::size_t columns, std::uint64_t seed) {
  auto made = prepared(tokens, columns, seed);
  const auto once = made;
  made.rounded.resize(2 * once.rounded.size());
  made.scales.resize(2 * once.scales.size());
  round_rest(once.exact, {.integers = once.rounded, .scales = once.scales},
             std::span(made.rounded).subspan(once.rounded.size()),
             std::span(made.scales).subspan(once.scales.size()));
  return made;
}

TEST_P(Kernels, ProductsOfWhatIsRoundedTwiceAgreeAndAreNearerToTheExactOnes) {
  Rng rng(2);
  for (const auto dtype : kFormats) {
    if (!wants_rounded(dtype)) continue;
    SCOPED_TRACE(tensor::dtype_row(dtype).name);
    const std::size_t block = std::max<std::size_t>(tensor::dtype_row(dtype).block, 32);
    for (int round = 0; round < 12; ++round) {
      const std::size_t columns = block * (1 + rng.below(block == 32 ? 27 : 5));
      const std::size_t rows = 1 + rng.below(40);
      const std::size_t tokens = 1 + rng.below(12);
      const std::size_t cut = rng.below(rows + 1);
      const auto raw = random_weights(dtype, rows * columns, columns);
      const tensor::MatrixView weights{
          .dtype = dtype, .rows = rows, .columns = columns, .bytes = raw};
      const auto made = prepared_twice(tokens, columns, columns + 1);
      const Activations x{.rows = tokens,
                          .columns = columns,
                          .exact = made.exact,
                          .rounded = made.rounded,
                          .scales = made.scales,
                          .rounding = Rounding::kTwice};
      std::vector<float> fast(tokens * rows, 77.0F);
      std::vector<float> plain(tokens * rows);
      matmul(weights, {.first = 0, .last = cut}, x, fast);
      matmul(weights, {.first = cut, .last = rows}, x, fast);
      reference::matmul(weights, {.first = 0, .last = rows}, x, plain);
      expect_same(fast, plain);
      std::vector<float> once(tokens * rows);
      matmul(weights, {.first = 0, .last = rows},
             prepared(tokens, columns, columns + 1).rows(0, tokens), once);
      double left = 0;
      double left_once = 0;
      std::vector<float> row(columns);
      for (std::size_t r = 0; r < rows; ++r) {
        unpack_row(weights, r, row);
        for (std::size_t t = 0; t < tokens; ++t) {
          double exact = 0;
          for (std::size_t n = 0; n < columns; ++n)
            exact += static_cast<double>(row[n]) * made.exact[t * columns + n];
          left += std::abs(exact - fast[t * rows + r]);
          left_once += std::abs(exact - once[t * rows + r]);
        }
      }
      EXPECT_LT(left, left_once / 50);  // of 254, but f32 sums round, too
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// Shapes drawn at random: whole and broken groups of blocks, of rows and of tokens.
TEST_P(Kernels, ProductsAgreeInEveryFormat) {
  Rng rng(1);
  for (const auto dtype : kFormats) {
    SCOPED_TRACE(tensor::dtype_row(dtype).name);
    const std::size_t block = std::max<std::size_t>(tensor::dtype_row(dtype).block, 32);
    for (int round = 0; round < 24; ++round) {
      const std::size_t columns = block * (1 + rng.below(block == 32 ? 27 : 5));
      const std::size_t rows = 1 + rng.below(40);
      const std::size_t tokens = 1 + rng.below(round % 2 == 0 ? 4 : 21);
      const std::size_t cut = rng.below(rows + 1);
      const auto raw = random_weights(dtype, rows * columns, columns);
      const tensor::MatrixView weights{
          .dtype = dtype, .rows = rows, .columns = columns, .bytes = raw};
      const auto made = prepared(tokens, columns, columns + 1);
      const auto x = made.rows(0, tokens);
      std::vector<float> fast(tokens * rows, 77.0F);
      std::vector<float> plain(tokens * rows);
      matmul(weights, {.first = 0, .last = cut}, x, fast);
      matmul(weights, {.first = cut, .last = rows}, x, fast);
      reference::matmul(weights, {.first = 0, .last = rows}, x, plain);
      SCOPED_TRACE(::testing::Message()
                   << rows << " rows of " << columns << ", " << tokens << " tokens");
      if (wants_rounded(dtype)) {
        expect_same(fast, plain);
      } else {
        expect_agree(fast, plain);
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST_P(Kernels, AProductWritesItsRangeAlone) {
  for (const auto dtype : kFormats) {
    const auto raw = random_weights(dtype, 20 * 256, 4);
    const tensor::MatrixView weights{.dtype = dtype, .rows = 20, .columns = 256, .bytes = raw};
    const auto made = prepared(5, 256, 5);
    std::vector<float> out(100, 77.0F);
    matmul(weights, {.first = 3, .last = 9}, made.rows(0, 5), out);
    for (std::size_t n = 0; n < out.size(); ++n)
      EXPECT_EQ(out[n] == 77.0F, n % 20 < 3 || n % 20 >= 9) << n;
  }
}

TEST_P(Kernels, ATokenAloneGetsWhatItGetsAmongSixteen) {
  for (const auto dtype : kFormats) {
    SCOPED_TRACE(tensor::dtype_row(dtype).name);
    const std::size_t columns = 768;
    const std::size_t rows = 37;
    const auto raw = random_weights(dtype, rows * columns, 4);
    const tensor::MatrixView weights{
        .dtype = dtype, .rows = rows, .columns = columns, .bytes = raw};
    const auto made = prepared(16, columns, 5);
    std::vector<float> together(16 * rows);
    matmul(weights, {.first = 0, .last = rows}, made.rows(0, 16), together);
    for (std::size_t t = 0; t < 16; ++t) {
      std::vector<float> alone(rows);
      matmul(weights, {.first = 0, .last = rows}, made.rows(t, 1), alone);
      expect_same(std::span(together).subspan(t * rows, rows), alone);
    }
    for (const std::size_t few : {2U, 3U, 4U, 7U, 15U}) {
      std::vector<float> some(few * rows);
      matmul(weights, {.first = 0, .last = rows}, made.rows(1, few), some);
      expect_same(std::span(together).subspan(rows, few * rows), some);
    }
  }
}

TEST_P(Kernels, RowsUnpackAlike) {
  for (const auto dtype : kFormats) {
    const std::size_t columns = wants_rounded(dtype) ? 512 : 77;
    const auto raw = random_weights(dtype, 3 * columns, 9);
    const tensor::MatrixView weights{.dtype = dtype, .rows = 3, .columns = columns, .bytes = raw};
    std::vector<float> fast(columns);
    std::vector<float> plain(columns);
    unpack_row(weights, 2, fast);
    reference::unpack_row(weights, 2, plain);
    expect_same(fast, plain);
  }
}

// One row of 256 equal weights times activations of 127: the largest sums a format can make.
float largest_product(Dtype dtype, std::span<const std::byte> raw) {
  const tensor::MatrixView weights{.dtype = dtype, .rows = 1, .columns = 256, .bytes = raw};
  const std::vector<float> exact(256, 127.0F);
  std::vector<std::int8_t> rounded(256);
  std::vector<float> scales(8);
  round_row(exact, rounded, scales);
  std::vector<float> out(1);
  matmul(weights, {.first = 0, .last = 1},
         {.rows = 1, .columns = 256, .exact = exact, .rounded = rounded, .scales = scales}, out);
  return out[0];
}

TEST_P(Kernels, WorstIntegersDoNotOverflow) {
  const auto one = to_f16(1.0F);
  std::vector<std::byte> six(210, std::byte{0});  // Q6_K: value -32, scale -128
  std::fill(six.begin() + 192, six.begin() + 208, std::byte{0x80});
  std::memcpy(six.data() + 208, &one, 2);
  EXPECT_EQ(largest_product(Dtype::kQ6_K, six), 256.0F * 4096.0F * 127.0F);
  std::vector<std::byte> five(176, std::byte{0xFF});  // Q5_K: value 31, scale and minimum 63
  std::memcpy(five.data(), &one, 2);
  std::memcpy(five.data() + 2, &one, 2);
  EXPECT_EQ(largest_product(Dtype::kQ5_K, five), 256.0F * (31 * 63 - 63) * 127.0F);
}

TEST_P(Kernels, NarrowsToNearestEven) {
  auto values = numbers(100, 3, 300);
  values[1] = 1e6F;
  values[2] = -1e-7F;
  values[99] = 1e-30F;
  std::vector<std::uint16_t> halves(values.size());
  narrow(values, halves);
  for (std::size_t n = 0; n < values.size(); ++n)
    EXPECT_EQ(halves[n], to_f16(values[n])) << values[n];
}

TEST(Gelu, IsTheFormulaOfThePaper) {
  for (double x = -12; x < 12; x += 0.0173) {
    const auto gate = static_cast<float>(x);
    const float up = 1;
    float out = 0;
    gelu_mul({&gate, 1}, {&up, 1}, {&out, 1});
    const double exact = static_cast<double>(gate);
    const double inner = std::sqrt(2 / M_PI) * (exact + 0.044715 * exact * exact * exact);
    EXPECT_NEAR(out, 0.5 * exact * (1 + std::tanh(inner)), 2e-6 * (1 + std::abs(exact))) << x;
  }
}

TEST(Exp, IsWithinTwoUnitsOfTheLastPlace) {
  for (double x = -86.9; x < 87.9; x += 0.0173) {
    const auto value = static_cast<float>(x);
    EXPECT_NEAR(reference::exp(value) / std::exp(static_cast<double>(value)), 1, 2.4e-7) << x;
  }
}

TEST(Half, EveryValueComesBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = from_f16(half);
    if (std::isnan(value)) continue;
    EXPECT_EQ(to_f16(value), half) << bits;
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(to_f16(1.0F + 0x1p-11F), to_f16(1.0F));
  EXPECT_EQ(from_f16(to_f16(1.0F + 0x3p-11F)), 1.0F + 0x1p-9F);
  EXPECT_EQ(from_f16(to_f16(65519.0F)), 65504.0F);
  EXPECT_TRUE(std::isinf(from_f16(to_f16(65520.0F))));
  EXPECT_EQ(from_f16(to_f16(0x1p-25F)), 0.0F);
  EXPECT_EQ(from_f16(to_f16(0x1.8p-25F)), 0x1p-24F);
}

}  // namespace
}  // namespace dramatis::kernels
