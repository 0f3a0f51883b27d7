// Block formats -> integers, scales and shifts, one number at a time.
#include <cstring>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/iq4_nl.h"
#include "kernels/internal/k_scales.h"
#include "kernels/reference/reference.h"

namespace dramatis::kernels::reference {
namespace {

using internal::UnpackedRow;
using tensor::Dtype;
using Bytes = std::span<const std::byte>;

float half_at(Bytes bytes, std::size_t at) {
  std::uint16_t half = 0;
  std::memcpy(&half, bytes.data() + at, sizeof half);
  return from_f16(half);
}
int byte_at(Bytes bytes, std::size_t at) {
  return std::to_integer<int>(bytes[at]);
}
int signed_at(Bytes bytes, std::size_t at) {
  return static_cast<std::int8_t>(byte_at(bytes, at));
}
const std::uint8_t* packed_at(Bytes bytes, std::size_t at) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data() + at);
}
void fill(const UnpackedRow& out, float scale, float shift_scale) {
  for (float& each : out.scales) each = scale;
  for (float& each : out.shift_scales) each = shift_scale;
}

// A block of 32: a scale and 32 signed bytes.
void unpack_q8_0(Bytes block, const UnpackedRow& out) {
  for (std::size_t n = 0; n < 32; ++n)
    out.integers[n] = static_cast<std::int8_t>(signed_at(block, 2 + n));
  fill(out, half_at(block, 0), 0);
}

// A block of 32: a scale, perhaps what is added to each number, perhaps fifth bits, and nibbles, of
// which the lower ones are the first 16 numbers.
void unpack_nibbles(Dtype dtype, Bytes block, const UnpackedRow& out) {
  const bool shifted = dtype == Dtype::kQ4_1 || dtype == Dtype::kQ5_1;
  const bool five = dtype == Dtype::kQ5_0 || dtype == Dtype::kQ5_1;
  const std::size_t fifths = shifted ? 4 : 2;
  const std::size_t nibbles = fifths + (five ? 4 : 0);
  for (std::size_t n = 0; n < 32; ++n) {
    const int pair = byte_at(block, nibbles + n % 16);
    int value = n < 16 ? pair & 15 : pair >> 4;
    if (five) value += ((byte_at(block, fifths + n / 8) >> (n % 8)) & 1) * 16;
    if (dtype == Dtype::kQ4_0) value -= 8;
    if (dtype == Dtype::kQ5_0) value -= 16;
    if (dtype == Dtype::kIQ4_NL) value = internal::kIq4NlValues[value];
    out.integers[n] = static_cast<std::int8_t>(value);
  }
  fill(out, half_at(block, 0), shifted ? half_at(block, 2) : 0);
  for (std::int16_t& shift : out.shifts) shift = 1;
}

// A block of 256: 16 bytes of scale and minimum, 64 bytes of pairs, the scales of both.
void unpack_q2_k(Bytes block, const UnpackedRow& out) {
  for (std::size_t n = 0; n < 256; ++n) {
    const int pair = byte_at(block, 16 + n / 128 * 32 + n % 32) >> (n % 128 / 32 * 2) & 3;
    out.integers[n] = static_cast<std::int8_t>(pair);
    out.multipliers[n / 16] = static_cast<std::int16_t>(byte_at(block, n / 16) & 15);
    out.shifts[n / 16] = static_cast<std::int16_t>(byte_at(block, n / 16) >> 4);
  }
  fill(out, half_at(block, 80), -half_at(block, 82));
}

// A block of 256: 32 bytes of third bits (clear: 4 less), 64 bytes of pairs, 12 bytes of scales,
// their scale.
void unpack_q3_k(Bytes block, const UnpackedRow& out) {
  for (std::size_t n = 0; n < 256; ++n) {
    const int pair = byte_at(block, 32 + n / 128 * 32 + n % 32) >> (n % 128 / 32 * 2) & 3;
    const int third = byte_at(block, n % 32) >> (n / 32) & 1;
    out.integers[n] = static_cast<std::int8_t>(pair + third * 4 - 4);
    out.multipliers[n / 16] =
        static_cast<std::int16_t>(internal::q3_scale(packed_at(block, 96), n / 16));
  }
  fill(out, half_at(block, 108), 0);
}

// A block of 256: the scales of scales and of minima, 12 bytes of both, in Q5_K 32 bytes of fifth
// bits, 128 bytes of nibbles, of which each 32 are two blocks of 32 numbers.
void unpack_q45_k(Dtype dtype, Bytes block, const UnpackedRow& out) {
  const bool five = dtype == Dtype::kQ5_K;
  for (std::size_t n = 0; n < 256; ++n) {
    const auto scale = internal::k4_scale(packed_at(block, 4), n / 32);
    const int pair = byte_at(block, (five ? 48 : 16) + n / 64 * 32 + n % 32);
    int value = n % 64 < 32 ? pair & 15 : pair >> 4;
    if (five) value += (byte_at(block, 16 + n % 32) >> (n / 32) & 1) * 16;
    out.integers[n] = static_cast<std::int8_t>(value);
    out.multipliers[n / 16] = static_cast<std::int16_t>(scale.scale);
    out.shifts[n / 16] = static_cast<std::int16_t>(scale.least);
  }
  fill(out, half_at(block, 0), -half_at(block, 2));
}

// A block of 256: 128 bytes of low nibbles, 64 bytes of upper bit pairs, 16 scales, their scale.
void unpack_q6_k(Bytes block, const UnpackedRow& out) {
  for (std::size_t n = 0; n < 256; ++n) {
    const std::size_t half = n / 128;
    const std::size_t quarter = n % 128 / 32;
    const std::size_t l = n % 32;
    const int low = byte_at(block, half * 64 + quarter % 2 * 32 + l) >> (quarter / 2 * 4) & 15;
    const int high = byte_at(block, 128 + half * 32 + l) >> (quarter * 2) & 3;
    out.integers[n] = static_cast<std::int8_t>(low + high * 16 - 32);
    out.multipliers[n / 16] = static_cast<std::int16_t>(signed_at(block, 192 + n / 16));
  }
  fill(out, half_at(block, 208), 0);
}

void unpack_block(Dtype dtype, Bytes block, const UnpackedRow& out) {
  switch (dtype) {
    case Dtype::kQ8_0:
      return unpack_q8_0(block, out);
    case Dtype::kQ2_K:
      return unpack_q2_k(block, out);
    case Dtype::kQ3_K:
      return unpack_q3_k(block, out);
    case Dtype::kQ4_K:
    case Dtype::kQ5_K:
      return unpack_q45_k(dtype, block, out);
    case Dtype::kQ6_K:
      return unpack_q6_k(block, out);
    default:
      return unpack_nibbles(dtype, block, out);
  }
}

}  // namespace

void unpack_blocks(Dtype dtype, Bytes bytes, const UnpackedRow& out) {
  const auto& about = tensor::dtype_row(dtype);
  const bool shifted = internal::has_shifts(dtype);
  DRAMATIS_CHECK(wants_rounded(dtype) && out.integers.size() == out.scales.size() * kRoundBlock);
  const bool multiplied = internal::has_multipliers(dtype);
  DRAMATIS_CHECK(out.multipliers.size() == (multiplied ? out.scales.size() * 2 : 0));
  DRAMATIS_CHECK(out.shift_scales.size() == (shifted ? out.scales.size() : 0) &&
                 out.shifts.size() == out.shift_scales.size() * 2);
  DRAMATIS_CHECK(bytes.size() == out.integers.size() / about.block * about.bytes_per_block);
  const std::size_t scales = about.block / kRoundBlock;
  for (std::size_t n = 0; n < out.integers.size() / about.block; ++n) {
    const std::size_t multipliers = multiplied ? 2 * scales : 0;
    const std::size_t minima = shifted ? scales : 0;
    unpack_block(dtype, bytes.subspan(n * about.bytes_per_block, about.bytes_per_block),
                 {.integers = out.integers.subspan(n * about.block, about.block),
                  .scales = out.scales.subspan(n * scales, scales),
                  .multipliers = out.multipliers.subspan(n * multipliers, multipliers),
                  .shifts = out.shifts.subspan(n * 2 * minima, 2 * minima),
                  .shift_scales = out.shift_scales.subspan(n * minima, minima)});
  }
}

}  // namespace dramatis::kernels::reference
