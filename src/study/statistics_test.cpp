#include "study/statistics.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace dramatis::study {
namespace {

TEST(Bootstrap, TheIntervalIsThatOfTheMeansDistribution) {
  // Of n zeros and n ones the mean is binomial: 0.5 with a deviation of 0.5 / sqrt(2n).
  std::vector<double> values(400, 0);
  std::fill(values.begin(), values.begin() + 200, 1.0);
  const Interval drawn = bootstrap(values, 7);
  EXPECT_DOUBLE_EQ(drawn.mean, 0.5);
  // 1.96 deviations; 2000 draws know the ends to about a tenth of a deviation.
  EXPECT_NEAR(drawn.low, 0.5 - 1.96 * 0.025, 0.004);
  EXPECT_NEAR(drawn.high, 0.5 + 1.96 * 0.025, 0.004);
  EXPECT_EQ(drawn.of, 400U);
  EXPECT_EQ(bootstrap(values, 7), drawn);
  for (std::size_t n = 0; n < values.size(); ++n) values[n] = std::sqrt(static_cast<double>(n));
  EXPECT_FALSE(bootstrap(values, 8) == bootstrap(values, 7));
}

TEST(Bootstrap, SmallSamplesAgreeWithEveryResampleThatThereIs) {
  // Of three values there are 27 resamples; their means, sorted, give the exact percentiles.
  const std::vector<double> values{1, 2, 6};
  std::vector<double> all;
  for (const double a : values)
    for (const double b : values)
      for (const double c : values) all.push_back((a + b + c) / 3);
  std::ranges::sort(all);
  const Interval drawn = bootstrap(values, 1);
  EXPECT_DOUBLE_EQ(drawn.low, all.front());  // 1/27 > 2.5 %
  EXPECT_DOUBLE_EQ(drawn.high, all.back());
  EXPECT_EQ(bootstrap({}, 1), Interval{});
  const std::vector<double> one{4};
  EXPECT_EQ(bootstrap(one, 1), (Interval{.low = 4, .mean = 4, .high = 4, .of = 1}));
}

TEST(PairedDifference, IsThatOfThePairs) {
  const std::vector<double> a{1, 5, 3, 7}, b{2, 6, 4, 8};
  EXPECT_EQ(paired_difference(a, b, 1), (Interval{.low = 1, .mean = 1, .high = 1, .of = 4}));
}

TEST(BradleyTerry, AgreesWithThePublishedExample) {
  // Wikipedia, "Bradley-Terry model", worked example of four teams: 0.640, 1.043, 0.660 and 2.270
  // where their product is 1.
  const Wins wins{{0, 2, 0, 1}, {3, 0, 5, 0}, {0, 3, 0, 1}, {4, 0, 3, 0}};
  const auto strengths = bradley_terry(wins).value();
  double product = 1;
  for (const double one : strengths) product *= one;
  const double scale = std::pow(product, -0.25);
  const std::vector<double> published{0.640, 1.043, 0.660, 2.270};
  for (std::size_t n = 0; n < 4; ++n) EXPECT_NEAR(strengths[n] * scale, published[n], 0.001);
}

double log_likelihood(const Wins& wins, const std::vector<double>& strengths) {
  double sum = 0;
  for (std::size_t a = 0; a < wins.size(); ++a)
    for (std::size_t b = 0; b < wins.size(); ++b)
      if (a != b) sum += wins[a][b] * std::log(strengths[a] / (strengths[a] + strengths[b]));
  return sum;
}

TEST(BradleyTerry, NoOtherStrengthsAreLikelier) {
  const Wins wins{{0, 7, 3}, {2, 0, 6}, {4, 1, 0}};
  const auto strengths = bradley_terry(wins).value();
  const double best = log_likelihood(wins, strengths);
  // All strengths on a grid of hundredths.
  for (int a = 1; a < 99; ++a)
    for (int b = 1; a + b < 100; ++b)
      EXPECT_LE(log_likelihood(wins, {a / 100.0, b / 100.0, (100 - a - b) / 100.0}), best + 1e-9);
}

TEST(BradleyTerry, WhatCannotBeComparedIsRefused) {
  EXPECT_EQ(bradley_terry({{0, 1}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(bradley_terry({}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(bradley_terry({{0, 3}, {0, 0}}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(bradley_terry({{0, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(League, TheIntervalsHoldTheStrengthsThatMadeTheGames) {
  const std::vector<double> truth{0.5, 0.3, 0.2};
  Rng rng(3);
  std::vector<Game> games;
  for (int n = 0; n < 600; ++n) {
    const std::size_t first = rng.below(3), second = (first + 1 + rng.below(2)) % 3;
    const double chance = truth[first] / (truth[first] + truth[second]);
    games.push_back({first, second, rng.uniform() < chance ? 1.0 : 0.0});
  }
  const auto table = league(games, 3, 1).value();
  for (std::size_t n = 0; n < 3; ++n) {
    EXPECT_LE(table[n].low, truth[n]);
    EXPECT_GE(table[n].high, truth[n]);
    EXPECT_LT(table[n].high - table[n].low, 0.2);
  }
}

TEST(League, WhoWonEverythingHasAStrengthAndStrangersAreRefused) {
  const std::vector<Game> games{{0, 1, 1}, {0, 1, 1}};
  const auto table = league(games, 2, 1).value();
  EXPECT_GT(table[0].mean, 0.8);
  EXPECT_LT(table[0].mean, 1.0);
  const std::vector<Game> odd{{0, 5, 1}};
  EXPECT_EQ(league(odd, 2, 1).error().code, ErrorCode::kInvalidArgument);
}

TEST(Kappa, IsCohensWithSquaredWeights) {
  const std::vector<int> a{1, 2, 3, 4}, b{1, 2, 3, 4}, c{4, 3, 2, 1};
  EXPECT_DOUBLE_EQ(weighted_kappa(a, b, 7), 1);
  // By hand: seen 9+1+1+9 = 20, expected 2 * 4 * (the variance of 1..4, 1.25) = 10.
  EXPECT_DOUBLE_EQ(weighted_kappa(a, c, 7), -1);
  const std::vector<int> d{2, 2, 3, 4};  // seen 1, expected 8
  EXPECT_NEAR(weighted_kappa(a, d, 7), 1 - 1.0 / 8.0, 0.01);
  const std::vector<int> same{5, 5};
  EXPECT_DOUBLE_EQ(weighted_kappa(same, same, 7), 1);
}

}  // namespace
}  // namespace dramatis::study
