#include "kernels/gradients.h"

#include <cmath>

#include <gtest/gtest.h>

#include "kernels/reference/gradients.h"
#include "kernels/testing/numbers.h"

namespace dramatis::kernels {
namespace {

constexpr std::size_t kLengths[] = {1, 7, 16, 33, 64, 577};

// Terms of a few units, sums of at most 577 of them in another order.
constexpr float kNear = 2e-5F;

void expect_near(const std::vector<float>& a, const std::vector<float>& b) {
  for (std::size_t n = 0; n < a.size(); ++n) ASSERT_NEAR(a[n], b[n], kNear) << n;
}

TEST(Gradients, OfTheNormAreThoseOfThePlainLoop) {
  for (const std::size_t n : kLengths) {
    const auto x = testing::numbers(n, 1);
    const auto weight = testing::numbers(n, 2);
    const auto dy = testing::numbers(n, 3);
    std::vector<float> dx(n), plain_dx(n), dweight(n, 1.0F), plain_dweight(n, 1.0F);
    rms_norm_back(x, weight, 1e-2F, dy, dx, dweight);
    reference::rms_norm_back(x, weight, 1e-2F, dy, plain_dx, plain_dweight);
    expect_near(dx, plain_dx);
    expect_near(dweight, plain_dweight);
    rms_norm_back(x, weight, 1e-2F, dy, dx, {});
    expect_near(dx, plain_dx);
  }
}

TEST(Gradients, OfTheGateAreThoseOfThePlainLoop) {
  for (const std::size_t n : kLengths) {
    const auto gate = testing::numbers(n, 1, 6.0F);
    const auto up = testing::numbers(n, 2);
    const auto dout = testing::numbers(n, 3);
    std::vector<float> dgate(n), plain_dgate(n), dup(n), plain_dup(n);
    silu_mul_back(dout, gate, up, dgate, dup);
    reference::silu_mul_back(dout, gate, up, plain_dgate, plain_dup);
    expect_near(dgate, plain_dgate);
    expect_near(dup, plain_dup);
  }
}

TEST(Gradients, OfTheSoftmaxAreThoseOfThePlainLoop) {
  for (const std::size_t n : kLengths) {
    auto p = testing::numbers(n, 1, 8.0F);
    auto plain_p = p;
    EXPECT_NEAR(softmax_with_log(p), reference::softmax_with_log(plain_p), kNear);
    expect_near(p, plain_p);
    auto dp = testing::numbers(n, 2);
    auto plain_dp = dp;
    softmax_back(p, 0.125F, dp);
    reference::softmax_back(plain_p, 0.125F, plain_dp);
    expect_near(dp, plain_dp);
  }
}

}  // namespace
}  // namespace dramatis::kernels
