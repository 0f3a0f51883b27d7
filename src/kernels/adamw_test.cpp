#include "kernels/adamw.h"

#include <cmath>

#include <gtest/gtest.h>

#include "kernels/testing/numbers.h"

namespace dramatis::kernels {
namespace {

// The update as its source has it, in double precision.
struct PlainAdamW {
  double rate = 0.01, decay = 0.1, first = 0.9, second = 0.999, epsilon = 1e-8;

  void update(int t, double gradient, double& m, double& v, double& x) const {
    m = first * m + (1 - first) * gradient;
    v = second * v + (1 - second) * gradient * gradient;
    const double size = std::sqrt(v / (1 - std::pow(second, t))) + epsilon;
    x -= rate * decay * x + rate * (m / (1 - std::pow(first, t))) / size;
  }
};

TEST(AdamW, UpdatesAreThoseOfThePlainRule) {
  constexpr double kShorter = 0.5;
  const PlainAdamW plain;
  for (const std::size_t count : {1, 15, 16, 33, 577}) {
    auto x = testing::numbers(count, 1);
    std::vector<float> first(count), second(count);
    std::vector<double> plain_x(x.begin(), x.end()), m(count), v(count);
    for (int t = 1; t <= 5; ++t) {
      const auto gradient = testing::numbers(count, 10 + static_cast<unsigned>(t));
      const AdamWStep step{
          .kept = static_cast<float>(1 - plain.rate * plain.decay),
          .rate = static_cast<float>(plain.rate / (1 - std::pow(plain.first, t))),
          .size_fix = static_cast<float>(1 / std::sqrt(1 - std::pow(plain.second, t))),
          .gain = static_cast<float>(kShorter)};
      adamw_step(step, gradient, first, second, x);
      for (std::size_t n = 0; n < count; ++n) {
        plain.update(t, kShorter * static_cast<double>(gradient[n]), m[n], v[n], plain_x[n]);
        ASSERT_NEAR(x[n], plain_x[n], 2e-6) << n << " after update " << t;
      }
    }
  }
}

}  // namespace
}  // namespace dramatis::kernels
