// Blocks of 32 numbers, with one scale and perhaps one least value.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/fit.h"
#include "kernels/internal/pack.h"

namespace dramatis::kernels::internal {
namespace {

using tensor::Dtype;
using Codes = std::array<int, 32>;

// Writes the half nearest to `value` and gives back what it holds.
float put_half(float value, std::byte* out) {
  const auto half = to_f16(std::clamp(value, -kLargestHalf, kLargestHalf));
  std::memcpy(out, &half, sizeof half);
  return from_f16(half);
}

// The inverse of a scale that may be 0: then every number is.
float inverse_of(float scale) {
  return scale != 0 ? 1.0F / scale : 0.0F;
}

void pack_q8_0(std::span<const float> block, std::span<std::byte> out) {
  float largest = 0;
  for (const float value : block) largest = std::max(largest, std::abs(value));
  const float scale = largest / 127.0F;
  const float inverse = inverse_of(scale);
  put_half(scale, out.data());
  for (std::size_t n = 0; n < block.size(); ++n) {
    // An inverse of a subnormal scale may be infinite; the clamp keeps such a block defined.
    const float rounded = std::clamp(std::round(block[n] * inverse), -127.0F, 127.0F);
    out[2 + n] =
        static_cast<std::byte>(static_cast<std::int8_t>(std::isnan(rounded) ? 0.0F : rounded));
  }
}

// Lower nibbles are the first 16 numbers.
void put_nibbles(const Codes& codes, std::byte* out) {
  for (std::size_t n = 0; n < 16; ++n)
    out[n] = static_cast<std::byte>((codes[n] & 15) | (codes[n + 16] & 15) << 4);
}
void put_fifths(const Codes& codes, std::byte* out) {
  for (std::size_t n = 0; n < 32; ++n)
    out[n / 8] |= static_cast<std::byte>((codes[n] >> 4 & 1) << (n % 8));
}

// Q4_0 and Q5_0: numbers around zero; code 8 or 16 means 0.
void pack_symmetric(std::span<const float> block, int half, std::span<std::byte> out) {
  std::array<float, 32> weights{};
  weigh(block, weights);
  const Range range{.low = -half, .high = half - 1};
  const float inverse = inverse_of(put_half(fit_scale(block, weights, range), out.data()));
  Codes codes{};
  for (std::size_t n = 0; n < 32; ++n)
    codes[n] = nearest(block[n] * inverse, range.low, range.high) + half;
  if (half == 16) put_fifths(codes, out.data() + 2);
  put_nibbles(codes, out.data() + (half == 16 ? 6 : 2));
}

// Q4_1 and Q5_1: numbers from a least one on.
void pack_line(std::span<const float> block, int high, std::span<std::byte> out) {
  std::array<float, 32> weights{};
  weigh(block, weights);
  const auto line = fit_line(block, weights, high, Least::kAny);
  const float inverse = inverse_of(put_half(line.scale, out.data()));
  const float least = put_half(line.least, out.data() + 2);
  Codes codes{};
  for (std::size_t n = 0; n < 32; ++n) codes[n] = nearest((block[n] - least) * inverse, 0, high);
  if (high == 31) put_fifths(codes, out.data() + 4);
  put_nibbles(codes, out.data() + (high == 31 ? 8 : 4));
}

void pack_iq4_nl(std::span<const float> block, std::span<std::byte> out) {
  std::array<float, 32> weights{};
  weigh(block, weights);
  const float inverse = inverse_of(put_half(fit_iq4_nl(block, weights), out.data()));
  Codes codes{};
  for (std::size_t n = 0; n < 32; ++n) codes[n] = nearest_iq4_nl(block[n] * inverse);
  put_nibbles(codes, out.data() + 2);
}

}  // namespace

void pack_32(Dtype dtype, std::span<const float> block, std::span<std::byte> out) {
  const auto& about = tensor::dtype_row(dtype);
  DRAMATIS_CHECK(about.block == 32 && block.size() == 32 && out.size() == about.bytes_per_block);
  std::ranges::fill(out, std::byte{0});
  if (dtype == Dtype::kQ8_0) pack_q8_0(block, out);
  if (dtype == Dtype::kQ4_0) pack_symmetric(block, 8, out);
  if (dtype == Dtype::kQ5_0) pack_symmetric(block, 16, out);
  if (dtype == Dtype::kQ4_1) pack_line(block, 15, out);
  if (dtype == Dtype::kQ5_1) pack_line(block, 31, out);
  if (dtype == Dtype::kIQ4_NL) pack_iq4_nl(block, out);
}

}  // namespace dramatis::kernels::internal
