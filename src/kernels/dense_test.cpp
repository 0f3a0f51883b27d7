#include "kernels/dense.h"

#include <bit>
#include <cmath>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "base/random.h"
#include "kernels/reference/dense.h"
#include "kernels/reference/reference.h"

namespace dramatis::kernels {
namespace {

std::vector<float> numbers(std::size_t count, std::uint64_t seed, float scale = 1.0F) {
  Rng rng(seed);
  std::vector<float> made(count);
  for (auto& value : made) value = scale * static_cast<float>(rng.uniform() * 2 - 1);
  return made;
}

// Every test runs on every vector unit that this machine has and the kernels were compiled for.
class Dense : public ::testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }

  // To the bit where multiply-adds are fused; Highway numbers better targets lower. Elsewhere each
  // product rounds once more: 2^-24 for each of up to 200 terms below 1.
  static void expect_agree(std::span<const float> fast, std::span<const float> plain) {
    constexpr std::int64_t kAvx2 = std::int64_t{1} << 9;
    ASSERT_EQ(fast.size(), plain.size());
    for (std::size_t n = 0; n < fast.size(); ++n) {
      if (GetParam() <= kAvx2) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(fast[n]), std::bit_cast<std::uint32_t>(plain[n]))
            << "at " << n << " of " << fast.size() << ": " << fast[n] << " and " << plain[n];
      } else {
        ASSERT_NEAR(fast[n], plain[n], 2e-5 * (1 + std::abs(plain[n]))) << "at " << n;
      }
    }
  }
};

std::vector<std::int64_t> targets() {
  std::vector<std::int64_t> found;
  // AVX3, AVX2, SSE4 and the baseline, as Highway numbers them.
  constexpr std::int64_t kCompiled = (std::int64_t{1} << 8) | (std::int64_t{1} << 9) |
                                     (std::int64_t{1} << 11) | (std::int64_t{1} << 61) |
                                     (std::int64_t{1} << 62);
  std::int64_t left = hwy::SupportedTargets() & kCompiled;
  for (; left != 0; left &= left - 1) found.push_back(left & -left);
  return found;
}
INSTANTIATE_TEST_SUITE_P(Targets, Dense, ::testing::ValuesIn(targets()), [](const auto& about) {
  return std::string(hwy::TargetName(about.param));
});

constexpr std::size_t kOddSizes[] = {1, 2, 7, 15, 16, 17, 31, 33, 64, 100, 257, 1000};

TEST_P(Dense, PackedProductsAgree) {
  for (const std::size_t inputs : {1U, 7U, 64U, 200U}) {
    for (const std::size_t outputs : {1U, 31U, 32U, 33U, 96U}) {
      const Panels weights(numbers(inputs * outputs, inputs), numbers(outputs, outputs));
      for (const std::size_t rows : {1U, 2U, 3U, 8U, 13U}) {
        const auto x = numbers(rows * inputs, rows);
        std::vector<float> fast(rows * outputs), plain(rows * outputs);
        multiply_panels(weights, x, fast);
        reference::multiply_panels(weights, x, plain);
        expect_agree(fast, plain);
      }
    }
  }
}

// Independent of the panels' layout, in double precision.
TEST_P(Dense, PackedProductsAreProducts) {
  constexpr std::size_t kInputs = 50, kOutputs = 37, kRows = 4;
  const auto weights = numbers(kInputs * kOutputs, 1);
  const auto bias = numbers(kOutputs, 2);
  const auto x = numbers(kRows * kInputs, 3);
  std::vector<float> out(kRows * kOutputs);
  multiply_panels(Panels(weights, bias), x, out);
  for (std::size_t t = 0; t < kRows; ++t) {
    for (std::size_t o = 0; o < kOutputs; ++o) {
      double sum = bias[o];
      for (std::size_t i = 0; i < kInputs; ++i)
        sum += static_cast<double>(weights[o * kInputs + i]) * x[t * kInputs + i];
      // 51 terms below 1 that round by 2^-24 of a sum below 16
      ASSERT_NEAR(out[t * kOutputs + o], sum, 51 * 16 * 0x1p-24) << t << " " << o;
    }
  }
}

TEST_P(Dense, ATokenAloneGetsWhatItGetsAmongOthers) {
  const Panels weights(numbers(100 * 40, 1), numbers(40, 2));
  const auto x = numbers(11 * 100, 3);
  std::vector<float> together(11 * 40), alone(40);
  multiply_panels(weights, x, together);
  for (std::size_t t = 0; t < 11; ++t) {
    multiply_panels(weights, std::span(x).subspan(t * 100, 100), alone);
    for (std::size_t o = 0; o < 40; ++o) ASSERT_EQ(alone[o], together[t * 40 + o]);
  }
}

TEST_P(Dense, LayerNormAgrees) {
  for (const auto size : kOddSizes) {
    const auto x = numbers(size, size, 5);
    const auto weight = numbers(size, size + 1);
    const auto bias = numbers(size, size + 2);
    std::vector<float> fast(size), plain(size);
    layer_norm(x, weight, bias, 1e-12F, fast);
    reference::layer_norm(x, weight, bias, 1e-12F, plain);
    expect_agree(fast, plain);
  }
}

TEST_P(Dense, LayerNormLeavesMeanAndSpreadOfTheWeights) {
  const auto x = numbers(384, 1, 9);
  std::vector<float> out(384);
  layer_norm(x, std::vector<float>(384, 2.0F), std::vector<float>(384, 3.0F), 1e-12F, out);
  double sum = 0, squares = 0;
  for (const float value : out) sum += value;
  for (const float value : out) squares += (value - sum / 384) * (value - sum / 384);
  EXPECT_NEAR(sum / 384, 3, 1e-5);  // 384 roundings of at most 2^-23
  EXPECT_NEAR(squares / 384, 4, 1e-5);
}

TEST_P(Dense, GeluAgrees) {
  for (const auto size : kOddSizes) {
    auto fast = numbers(size, size, 6);
    auto plain = fast;
    gelu(fast);
    reference::gelu(plain);
    expect_agree(fast, plain);
  }
}

TEST(Gelu, IsTheNormalDistributionsShare) {
  for (double x = -14; x < 14; x += 0.0117) {
    float value[] = {static_cast<float>(x)};
    const double exact = value[0] * 0.5 * std::erfc(-value[0] / std::sqrt(2.0));
    reference::gelu(value);
    // The series' own error, and some roundings of numbers up to |x|.
    ASSERT_NEAR(value[0], exact, 5e-7 * std::max(1.0, std::abs(x))) << x;
  }
}

}  // namespace
}  // namespace dramatis::kernels
