// Scales and minima by search and least squares.
#include "kernels/internal/fit.h"

#include <array>
#include <cmath>

#include "kernels/internal/iq4_nl.h"

namespace dramatis::kernels::internal {
namespace {

// Beside the plain scale, where the largest number becomes an end of the range, the search tries
// those that make it up to 0.8 steps more or less; further away the rest of the block has nothing
// to win.
constexpr float kSteps[] = {-0.8F, -0.6F, -0.4F, -0.2F, 0.0F, 0.2F, 0.4F, 0.6F, 0.8F};
// Each repetition of "round, then least squares" wins less; after three nothing measurable is left.
constexpr int kRepetitions = 3;

float largest_of(std::span<const float> x) {
  float largest = 0;
  for (const float value : x) {
    if (std::abs(value) > std::abs(largest)) largest = value;
  }
  return largest;
}

// What a scale explains of a block, as sums over weight * value * x and weight * value^2, where
// value is what a number becomes.
struct Explained {
  float with_x = 0;
  float with_itself = 0;

  [[nodiscard]] float scale() const { return with_itself > 0 ? with_x / with_itself : 0; }
  // By how much the squared error is less than that of zeros.
  [[nodiscard]] float gain() const { return with_x * scale(); }
};

template <class ValueOf>
Explained explain(std::span<const float> x, std::span<const float> weights, float inverse,
                  const ValueOf& value_of) {
  Explained sums;
  for (std::size_t n = 0; n < x.size(); ++n) {
    const float value = value_of(x[n] * inverse);
    sums.with_x += weights[n] * value * x[n];
    sums.with_itself += weights[n] * value * value;
  }
  return sums;
}

template <class ValueOf>
float fit(std::span<const float> x, std::span<const float> weights, Range range,
          const ValueOf& value_of) {
  const float largest = largest_of(x);
  if (!(std::abs(largest) > kLeastLargest)) return 0;
  Explained best;
  for (const int end : {range.low, range.high}) {
    for (const float step : kSteps) {
      const float inverse = (static_cast<float>(end) + step) / largest;
      const auto tried = explain(x, weights, inverse, value_of);
      if (tried.gain() > best.gain()) best = tried;
    }
  }
  for (int n = 0; n < kRepetitions && best.scale() != 0; ++n) {
    const auto tried = explain(x, weights, 1.0F / best.scale(), value_of);
    if (!(tried.gain() > best.gain())) break;
    best = tried;
  }
  return best.scale();
}

// For each integer from -127 to 113 the place of the nearest of the sixteen values.
constexpr std::array<std::int8_t, 241> nearest_places() {
  std::array<std::int8_t, 241> places{};
  for (int value = -127; value <= 113; ++value) {
    int best = 0;
    for (int n = 1; n < 16; ++n) {
      const int far = kIq4NlValues[best] - value;
      const int near = kIq4NlValues[n] - value;
      if (near * near < far * far) best = n;
    }
    places[static_cast<std::size_t>(value + 127)] = static_cast<std::int8_t>(best);
  }
  return places;
}
constexpr auto kNearestPlaces = nearest_places();

// Least squares of a line through (q, x).
struct LineSums {
  double weight = 0;
  double q = 0;
  double qq = 0;
  double x = 0;
  double qx = 0;

  [[nodiscard]] Line solve(Least sign) const {
    const double determinant = weight * qq - q * q;
    if (!(determinant > 0)) return {0, static_cast<float>(weight > 0 ? x / weight : 0)};
    const double scale = (weight * qx - q * x) / determinant;
    const double least = (qq * x - q * qx) / determinant;
    if (sign == Least::kNotPositive && least > 0) return {static_cast<float>(qx / qq), 0};
    return {static_cast<float>(scale), static_cast<float>(least)};
  }
};

LineSums sums_of(std::span<const float> x, std::span<const float> weights, const Line& guess,
                 int high) {
  LineSums sums;
  const float inverse = 1.0F / guess.scale;
  for (std::size_t n = 0; n < x.size(); ++n) {
    const double q = nearest((x[n] - guess.least) * inverse, 0, high);
    const double weight = weights[n];
    sums.weight += weight;
    sums.q += weight * q;
    sums.qq += weight * q * q;
    sums.x += weight * static_cast<double>(x[n]);
    sums.qx += weight * q * static_cast<double>(x[n]);
  }
  return sums;
}

// A line and what it loses.
struct Candidate {
  Line line;
  double error;
};

}  // namespace

void weigh(std::span<const float> x, std::span<float> weights) {
  float sum = 0;
  for (const float value : x) sum += value * value;
  const float mean = sum / static_cast<float>(x.size());
  for (std::size_t n = 0; n < x.size(); ++n) weights[n] = mean + x[n] * x[n];
}

float fit_scale(std::span<const float> x, std::span<const float> weights, Range range) {
  return fit(x, weights, range, [range](float value) {
    return static_cast<float>(nearest(value, range.low, range.high));
  });
}

int nearest_iq4_nl(float value) {
  return kNearestPlaces[static_cast<std::size_t>(nearest(value, -127, 113) + 127)];
}

float fit_iq4_nl(std::span<const float> x, std::span<const float> weights) {
  return fit(x, weights, {.low = kIq4NlValues[0], .high = kIq4NlValues[15]},
             [](float value) { return static_cast<float>(kIq4NlValues[nearest_iq4_nl(value)]); });
}

double error_of(std::span<const float> x, std::span<const float> weights, const Line& line,
                Range range) {
  const float inverse = std::abs(line.scale) > kLeastLargest ? 1.0F / line.scale : 0.0F;
  float sum = 0;
  for (std::size_t n = 0; n < x.size(); ++n) {
    const int q = nearest((x[n] - line.least) * inverse, range.low, range.high);
    const float lost = x[n] - line.least - line.scale * static_cast<float>(q);
    sum += weights[n] * lost * lost;
  }
  return sum;
}

Line fit_line(std::span<const float> x, std::span<const float> weights, int high, Least sign) {
  const auto [least_at, most_at] = std::ranges::minmax_element(x);
  const float least = sign == Least::kNotPositive ? std::min(*least_at, 0.0F) : *least_at;
  const float spread = *most_at - least;
  if (!(spread > kLeastLargest)) return {0, least};
  const Range range{.low = 0, .high = high};
  Candidate best{{spread / static_cast<float>(high), least}, 0};
  best.error = error_of(x, weights, best.line, range);
  const auto better = [&](const Line& guess) {
    const Line solved = sums_of(x, weights, guess, high).solve(sign);
    if (!(solved.scale > kLeastLargest)) return false;
    const double error = error_of(x, weights, solved, range);
    if (!(error < best.error)) return false;
    best = {solved, error};
    return true;
  };
  for (const float step : kSteps) better({spread / (static_cast<float>(high) + step), least});
  for (int n = 0; n < kRepetitions && better(best.line); ++n) {
  }
  return best.line;
}

}  // namespace dramatis::kernels::internal
