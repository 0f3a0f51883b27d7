// Numbers of one block -> the scale, or the scale and least value, that lose least of them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dramatis::kernels::internal {

// To the nearest integer, ties to even; outside [low, high] to the end. Not for NaN. Quick where
// the processor's own rounding would be a call. Checked: nothing; |low|, |high| below 2^22.
inline int nearest(float value, int low, int high) {
  const float inside = std::min(std::max(value, static_cast<float>(low)), static_cast<float>(high));
  // From 2^23 on floats are integers: the sum's last 22 bits are the rounded number.
  constexpr float kShift = 0x1.8p23F;
  return std::bit_cast<std::int32_t>(inside + kShift) - std::bit_cast<std::int32_t>(kShift);
}

// Blocks whose largest number is smaller are zero for every purpose; above, inverses are finite.
inline constexpr float kLeastLargest = 0x1p-100F;

// How much an error in each number weighs: x^2 + mean(x^2), because large weights carry more of a
// product. Shapes: weights as x.
void weigh(std::span<const float> x, std::span<float> weights);

// The integers a number may become.
struct Range {
  int low;
  int high;
};

// The scale s that makes sum(weight * (x - s * q)^2) least, q = x / s rounded into `range`; it may
// be negative, 0 for zeros. Found among the scales that take the largest number near to an end of
// the range, each bettered by least squares. Shapes: x, weights [n]. Threads: any.
[[nodiscard]] float fit_scale(std::span<const float> x, std::span<const float> weights,
                              Range range);
// The same for the sixteen values of IQ4_NL.
[[nodiscard]] float fit_iq4_nl(std::span<const float> x, std::span<const float> weights);
// Which of the sixteen is nearest.
[[nodiscard]] int nearest_iq4_nl(float value);

// x is about scale * q + least.
struct Line {
  float scale;  // not negative
  float least;
};
// K formats subtract minima that are not negative.
enum class Least { kAny, kNotPositive };

// The line that makes sum(weight * (x - scale * q - least)^2) least, q in [0, high]. Threads: any.
[[nodiscard]] Line fit_line(std::span<const float> x, std::span<const float> weights, int high,
                            Least sign);

// sum(weight * (x - scale * q - least)^2) with the best q in `range`.
[[nodiscard]] double error_of(std::span<const float> x, std::span<const float> weights,
                              const Line& line, Range range);

}  // namespace dramatis::kernels::internal
