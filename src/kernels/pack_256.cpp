// Blocks of 256 numbers: a scale for each 16 or 32 of them, itself an integer times one scale for
// all.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/fit.h"
#include "kernels/internal/k_scales.h"
#include "kernels/internal/pack.h"

namespace dramatis::kernels::internal {
namespace {

using tensor::Dtype;

constexpr std::size_t kBlock = 256;
constexpr std::size_t kMostParts = 16;  // parts of 16 numbers

std::uint16_t half_of(float value) {
  return to_f16(std::clamp(value, -kLargestHalf, kLargestHalf));
}
// A half read back, so that what follows is chosen for the scale that the reader will see.
float kept(float value) {
  return from_f16(half_of(value));
}
void put_half(float value, std::byte* out) {
  const auto half = half_of(value);
  std::memcpy(out, &half, sizeof half);
}
float inverse_of(float scale) {
  return scale != 0 ? 1.0F / scale : 0.0F;
}

// The numbers of a block, cut into equal parts, with what an error in each weighs.
struct Parts {
  std::span<const float> x;        // [256]
  std::span<const float> weights;  // [256]
  std::size_t count;               // of parts

  [[nodiscard]] std::span<const float> numbers(std::size_t n) const {
    return x.subspan(n * (kBlock / count), kBlock / count);
  }
  [[nodiscard]] std::span<const float> weights_of(std::size_t n) const {
    return weights.subspan(n * (kBlock / count), kBlock / count);
  }
};

// A block as a format keeps it: number n of part p is scale * scales[p] * codes[n] - least *
// leasts[p].
struct Coded {
  float scale = 0;
  float least = 0;
  std::array<int, kMostParts> scales{};
  std::array<int, kMostParts> leasts{};
  std::array<int, kBlock> codes{};
  double error = 0;  // weighted, squared
};

// What codes and scales may be.
struct Bounds {
  Range codes;
  Range scales;
};

Line line_of(const Coded& coded, std::size_t part) {
  return {coded.scale * static_cast<float>(coded.scales[part]),
          -coded.least * static_cast<float>(coded.leasts[part])};
}

// Tries the integers beside a part's scale and least value: rounding them alone is not the best for
// the numbers behind them.
void better_part(const Parts& parts, const Bounds& bounds, std::size_t part, Coded& coded) {
  const int scale = coded.scales[part];
  const int least = coded.leasts[part];
  double best = std::numeric_limits<double>::infinity();
  Coded tried = coded;
  for (int s = std::max(scale - 1, bounds.scales.low); s <= std::min(scale + 1, bounds.scales.high);
       ++s) {
    const int reach = coded.least != 0 ? 1 : 0;
    for (int m = std::max(least - reach, 0); m <= std::min(least + reach, bounds.scales.high);
         ++m) {
      tried.scales[part] = s;
      tried.leasts[part] = m;
      const double error =
          error_of(parts.numbers(part), parts.weights_of(part), line_of(tried, part), bounds.codes);
      if (!(error < best)) continue;
      best = error;
      coded.scales[part] = s;
      coded.leasts[part] = m;
    }
  }
}

// The codes for scales that are settled, and what they lose.
void choose_codes(const Parts& parts, const Bounds& bounds, Coded& coded) {
  coded.error = 0;
  for (std::size_t part = 0; part < parts.count; ++part) {
    const auto line = line_of(coded, part);
    const auto x = parts.numbers(part);
    const float inverse = inverse_of(line.scale);
    for (std::size_t n = 0; n < x.size(); ++n) {
      coded.codes[part * x.size() + n] =
          nearest((x[n] - line.least) * inverse, bounds.codes.low, bounds.codes.high);
    }
    coded.error += error_of(x, parts.weights_of(part), line, bounds.codes);
  }
}

// The scale and least value of all that suit the integers best: least squares over the block.
struct Scales {
  float scale;
  float least;
};
Scales solve(const Parts& parts, const Coded& coded) {
  double ss = 0;
  double sm = 0;
  double mm = 0;
  double sx = 0;
  double mx = 0;
  const std::size_t length = kBlock / parts.count;
  for (std::size_t n = 0; n < kBlock; ++n) {
    const double weight = parts.weights[n];
    const double s = coded.scales[n / length] * coded.codes[n];
    const double m = -coded.leasts[n / length];
    const double x = parts.x[n];
    ss += weight * s * s;
    sm += weight * s * m;
    mm += weight * m * m;
    sx += weight * s * x;
    mx += weight * m * x;
  }
  if (!(mm > 0)) return {ss > 0 ? static_cast<float>(sx / ss) : 0, 0};
  const double determinant = ss * mm - sm * sm;
  if (!(determinant > 0)) return {coded.scale, coded.least};
  return {static_cast<float>((sx * mm - mx * sm) / determinant),
          static_cast<float>((mx * ss - sx * sm) / determinant)};
}

// Integers for the parts' own scales, codes for these, scales for those; the last step is taken
// back where it loses.
Coded code(const Parts& parts, const Bounds& bounds, std::span<const Line> lines, Scales scales) {
  Coded coded{.scale = kept(scales.scale), .least = kept(scales.least)};
  for (std::size_t part = 0; part < parts.count; ++part) {
    coded.scales[part] =
        nearest(lines[part].scale * inverse_of(coded.scale), bounds.scales.low, bounds.scales.high);
    coded.leasts[part] =
        nearest(-lines[part].least * inverse_of(coded.least), 0, bounds.scales.high);
    better_part(parts, bounds, part, coded);
  }
  choose_codes(parts, bounds, coded);
  const auto solved = solve(parts, coded);
  Coded again = coded;
  again.scale = kept(solved.scale);
  again.least = kept(solved.least);
  for (std::size_t part = 0; part < parts.count; ++part) better_part(parts, bounds, part, again);
  choose_codes(parts, bounds, again);
  return again.error < coded.error ? again : coded;
}

// Q3_K and Q6_K: parts of 16 around zero. The largest scale becomes the end of the range that
// reaches further.
Coded code_symmetric(const Parts& parts, const Bounds& bounds) {
  std::array<Line, kMostParts> lines{};
  float largest = 0;
  for (std::size_t part = 0; part < parts.count; ++part) {
    const float scale = fit_scale(parts.numbers(part), parts.weights_of(part), bounds.codes);
    if (std::abs(scale) > std::abs(largest)) largest = scale;
    lines[part] = {scale, 0};
  }
  return code(parts, bounds, lines, {largest / static_cast<float>(bounds.scales.low), 0});
}

// Q2_K, Q4_K and Q5_K: parts from a least value on.
Coded code_lines(const Parts& parts, const Bounds& bounds) {
  std::array<Line, kMostParts> lines{};
  Scales most{0, 0};
  for (std::size_t part = 0; part < parts.count; ++part) {
    lines[part] = fit_line(parts.numbers(part), parts.weights_of(part), bounds.codes.high,
                           Least::kNotPositive);
    most.scale = std::max(most.scale, lines[part].scale);
    most.least = std::max(most.least, -lines[part].least);
  }
  const auto high = static_cast<float>(bounds.scales.high);
  return code(parts, bounds, lines, {most.scale / high, most.least / high});
}

std::byte byte_of(int value) {
  return static_cast<std::byte>(value);
}
std::uint8_t* packed_at(std::span<std::byte> out, std::size_t at) {
  return reinterpret_cast<std::uint8_t*>(out.data() + at);
}

// 256 pairs of bits in 64 bytes: number n in byte n / 128 * 32 + n % 32, from bit n % 128 / 32 * 2
// on.
void put_pairs(std::size_t n, int pair, std::byte* out) {
  out[n / 128 * 32 + n % 32] |= byte_of(pair << (n % 128 / 32 * 2));
}

void write_q2_k(const Coded& coded, std::span<std::byte> out) {
  for (std::size_t n = 0; n < 16; ++n) out[n] = byte_of(coded.scales[n] | coded.leasts[n] << 4);
  for (std::size_t n = 0; n < kBlock; ++n) put_pairs(n, coded.codes[n], out.data() + 16);
  put_half(coded.scale, out.data() + 80);
  put_half(coded.least, out.data() + 82);
}

void write_q3_k(const Coded& coded, std::span<std::byte> out) {
  for (std::size_t n = 0; n < kBlock; ++n) {
    const int raised = coded.codes[n] + 4;
    out[n % 32] |= byte_of(raised >> 2 << (n / 32));
    put_pairs(n, raised & 3, out.data() + 32);
  }
  pack_q3_scales(coded.scales, packed_at(out, 96));
  put_half(coded.scale, out.data() + 108);
}

void write_q45_k(const Coded& coded, bool five, std::span<std::byte> out) {
  std::array<ScaleAndLeast, 8> scales{};
  for (std::size_t n = 0; n < 8; ++n) scales[n] = {coded.scales[n], coded.leasts[n]};
  put_half(coded.scale, out.data());
  put_half(coded.least, out.data() + 2);
  pack_k4_scales(scales, packed_at(out, 4));
  for (std::size_t n = 0; n < kBlock; ++n) {
    const int code = coded.codes[n];
    if (five) out[16 + n % 32] |= byte_of(code >> 4 << (n / 32));
    out[(five ? 48 : 16) + n / 64 * 32 + n % 32] |= byte_of((code & 15) << (n % 64 / 32 * 4));
  }
}

void write_q6_k(const Coded& coded, std::span<std::byte> out) {
  for (std::size_t n = 0; n < kBlock; ++n) {
    const int raised = coded.codes[n] + 32;
    const std::size_t quarter = n % 128 / 32;
    out[n / 128 * 64 + quarter % 2 * 32 + n % 32] |= byte_of((raised & 15) << (quarter / 2 * 4));
    put_pairs(n, raised >> 4, out.data() + 128);
  }
  for (std::size_t n = 0; n < 16; ++n) out[192 + n] = byte_of(coded.scales[n] & 255);
  put_half(coded.scale, out.data() + 208);
}

}  // namespace

void pack_256(Dtype dtype, std::span<const float> block, std::span<std::byte> out) {
  const auto& about = tensor::dtype_row(dtype);
  DRAMATIS_CHECK(about.block == kBlock && block.size() == kBlock &&
                 out.size() == about.bytes_per_block);
  std::ranges::fill(out, std::byte{0});
  std::array<float, kBlock> weights{};
  weigh(block, weights);
  const Parts sixteen{block, weights, 16};
  const Parts eight{block, weights, 8};
  const Range six_bits{.low = 0, .high = 63};
  switch (dtype) {
    case Dtype::kQ2_K:
      return write_q2_k(code_lines(sixteen, {{.low = 0, .high = 3}, {.low = 0, .high = 15}}), out);
    case Dtype::kQ3_K:
      return write_q3_k(code_symmetric(sixteen, {{.low = -4, .high = 3}, {.low = -32, .high = 31}}),
                        out);
    case Dtype::kQ4_K:
      return write_q45_k(code_lines(eight, {{.low = 0, .high = 15}, six_bits}), false, out);
    case Dtype::kQ5_K:
      return write_q45_k(code_lines(eight, {{.low = 0, .high = 31}, six_bits}), true, out);
    default:
      return write_q6_k(
          code_symmetric(sixteen, {{.low = -32, .high = 31}, {.low = -128, .high = 127}}), out);
  }
}

}  // namespace dramatis::kernels::internal
