// Weights unpacked to integers and scales, and their products with activations, one block at a
// time.
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/iq4_nl.h"
#include "kernels/reference/reference.h"

namespace dramatis::kernels::reference {
namespace {

using tensor::Dtype;

float half_at(std::span<const std::byte> bytes, std::size_t at) {
  std::uint16_t half = 0;
  std::memcpy(&half, bytes.data() + at, sizeof half);
  return from_f16(half);
}
int byte_at(std::span<const std::byte> bytes, std::size_t at) {
  return std::to_integer<int>(bytes[at]);
}
int signed_at(std::span<const std::byte> bytes, std::size_t at) {
  return static_cast<std::int8_t>(byte_at(bytes, at));
}

// One block of 32: bytes -> integers.
void unpack_32(Dtype dtype, std::span<const std::byte> block, std::span<std::int16_t> out) {
  if (dtype == Dtype::kQ8_0) {
    for (std::size_t n = 0; n < 32; ++n)
      out[n] = static_cast<std::int16_t>(signed_at(block, 2 + n));
    return;
  }
  for (std::size_t n = 0; n < 32; ++n) {
    const std::size_t first =
        dtype == Dtype::kQ5_0 ? 6 : 2;  // Q5_0 has its fifth bits before the nibbles
    const int pair = byte_at(block, first + n % 16);
    int value = n < 16 ? pair & 15 : pair >> 4;
    if (dtype == Dtype::kQ4_0) value -= 8;
    if (dtype == Dtype::kQ5_0) value += ((byte_at(block, 2 + n / 8) >> (n % 8)) & 1) * 16 - 16;
    if (dtype == Dtype::kIQ4_NL) value = internal::kIq4NlValues[value];
    out[n] = static_cast<std::int16_t>(value);
  }
}

// One block of 256: 128 low nibbles, 64 bytes of upper bit pairs, 16 scales, one scale of scales.
void unpack_q6_k(std::span<const std::byte> block, std::span<std::int16_t> out,
                 std::span<float> scales) {
  for (std::size_t n = 0; n < 256; ++n) {
    const std::size_t half = n / 128;
    const std::size_t quarter = n % 128 / 32;
    const std::size_t l = n % 32;
    const int low = byte_at(block, half * 64 + quarter % 2 * 32 + l) >> (quarter / 2 * 4) & 15;
    const int high = byte_at(block, 128 + half * 32 + l) >> (quarter * 2) & 3;
    const int scale = signed_at(block, 192 + n / 16);
    out[n] = static_cast<std::int16_t>((low + high * 16 - 32) * scale);
  }
  for (float& scale : scales) scale = half_at(block, 208);
}

float dot_blocks(std::span<const std::int16_t> weights, std::span<const float> weight_scales,
                 std::span<const std::int16_t> x, std::span<const float> x_scales) {
  std::array<float, 8> lanes{};
  for (std::size_t b = 0; b < weight_scales.size(); ++b) {
    std::int32_t sum = 0;
    for (std::size_t n = b * kRoundBlock; n < (b + 1) * kRoundBlock; ++n) sum += weights[n] * x[n];
    lanes[b % 8] += static_cast<float>(sum) * (weight_scales[b] * x_scales[b]);
  }
  for (std::size_t half = 4; half > 0; half /= 2) {
    for (std::size_t n = 0; n < half; ++n) lanes[n] += lanes[n + half];
  }
  return lanes[0];
}

}  // namespace

void unpack_blocks(Dtype dtype, std::span<const std::byte> bytes, std::span<std::int16_t> integers,
                   std::span<float> scales) {
  const auto& about = tensor::dtype_row(dtype);
  DRAMATIS_CHECK(wants_rounded(dtype) && integers.size() == scales.size() * kRoundBlock);
  DRAMATIS_CHECK(bytes.size() == integers.size() / about.block * about.bytes_per_block);
  for (std::size_t n = 0; n < integers.size() / about.block; ++n) {
    const auto block = bytes.subspan(n * about.bytes_per_block, about.bytes_per_block);
    if (dtype == Dtype::kQ6_K) {
      unpack_q6_k(block, integers.subspan(n * 256, 256), scales.subspan(n * 8, 8));
    } else {
      unpack_32(dtype, block, integers.subspan(n * 32, 32));
      scales[n] = half_at(block, 0);
    }
  }
}

void unpack_row(const tensor::MatrixView& weights, std::size_t r, std::span<float> out) {
  DRAMATIS_CHECK(out.size() == weights.columns && computes_with(weights.dtype));
  const auto bytes = weights.row(r);
  if (wants_rounded(weights.dtype)) {
    std::vector<std::int16_t> integers(out.size());
    std::vector<float> scales(out.size() / kRoundBlock);
    unpack_blocks(weights.dtype, bytes, integers, scales);
    for (std::size_t n = 0; n < out.size(); ++n) {
      out[n] = static_cast<float>(integers[n]) * scales[n / kRoundBlock];
    }
    return;
  }
  if (weights.dtype == Dtype::kF32) {
    std::memcpy(out.data(), bytes.data(), bytes.size());
    return;
  }
  for (std::size_t n = 0; n < out.size(); ++n) {
    std::uint16_t half = 0;
    std::memcpy(&half, bytes.data() + 2 * n, sizeof half);
    out[n] = weights.dtype == Dtype::kF16 ? from_f16(half) : from_bf16(half);
  }
}

void round_row(std::span<const float> x, std::span<std::int16_t> rounded, std::span<float> scales) {
  DRAMATIS_CHECK(x.size() % kRoundBlock == 0 && rounded.size() == x.size() &&
                 scales.size() * kRoundBlock == x.size());
  for (std::size_t b = 0; b < scales.size(); ++b) {
    float largest = 0;
    bool finite = true;
    for (std::size_t n = b * kRoundBlock; n < (b + 1) * kRoundBlock; ++n) {
      finite = finite && std::isfinite(x[n]);
      largest = std::max(largest, std::abs(x[n]));
    }
    scales[b] = finite ? largest / 127.0F : std::nanf("");
    // Below 2^-120 the inverse would overflow; such a block is zero for every purpose.
    const float inverse = finite && largest > 0x1p-120F ? 127.0F / largest : 0.0F;
    for (std::size_t n = b * kRoundBlock; n < (b + 1) * kRoundBlock; ++n) {
      rounded[n] = inverse == 0.0F ? std::int16_t{0}
                                   : static_cast<std::int16_t>(std::nearbyint(x[n] * inverse));
    }
  }
}

void matmul(const tensor::MatrixView& weights, RowRange range, const Activations& x,
            std::span<float> out) {
  DRAMATIS_CHECK(weights.columns == x.columns && out.size() == x.rows * weights.rows);
  DRAMATIS_CHECK(range.first <= range.last && range.last <= weights.rows &&
                 computes_with(weights.dtype));
  const std::size_t blocks = x.columns / kRoundBlock;
  std::vector<std::int16_t> integers(x.columns);
  std::vector<float> scales(blocks);
  std::vector<float> exact(x.columns);
  for (std::size_t r = range.first; r < range.last; ++r) {
    const bool rounded = wants_rounded(weights.dtype);
    if (rounded) unpack_blocks(weights.dtype, weights.row(r), integers, scales);
    if (!rounded) unpack_row(weights, r, exact);
    for (std::size_t t = 0; t < x.rows; ++t) {
      out[t * weights.rows + r] =
          rounded ? dot_blocks(integers, scales, x.rounded.subspan(t * x.columns, x.columns),
                               x.scales.subspan(t * blocks, blocks))
                  : dot(exact, x.exact.subspan(t * x.columns, x.columns));
    }
  }
}

}  // namespace dramatis::kernels::reference
