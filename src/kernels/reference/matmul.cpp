// Products of weights with activations, one block at a time.
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/reference/reference.h"

namespace dramatis::kernels::reference {
namespace {

using tensor::Dtype;

std::int32_t sum_of(std::span<const std::int8_t> integers) {
  std::int32_t sum = 0;
  for (const std::int8_t integer : integers) sum += integer;
  return sum;
}

std::int32_t multiplier_at(const internal::UnpackedRow& row, std::size_t n) {
  return row.multipliers.empty() ? 1 : row.multipliers[n / internal::kPart];
}

float dot_blocks(const internal::UnpackedRow& weights, const RoundedRow& x) {
  std::array<float, 8> lanes{};
  for (std::size_t b = 0; b < x.scales.size(); ++b) {
    std::int32_t sum = 0;
    for (std::size_t n = b * kRoundBlock; n < (b + 1) * kRoundBlock; ++n)
      sum += weights.integers[n] * multiplier_at(weights, n) * x.integers[n];
    lanes[b % 8] += static_cast<float>(sum) * (weights.scales[b] * x.scales[b]);
    if (weights.shifts.empty()) continue;
    std::int32_t shifted = 0;
    for (const std::size_t n : {2 * b, 2 * b + 1}) {
      constexpr std::size_t kCount = internal::kPart;
      shifted += weights.shifts[n] * sum_of(x.integers.subspan(n * kCount, kCount));
    }
    lanes[b % 8] += static_cast<float>(shifted) * (weights.shift_scales[b] * x.scales[b]);
  }
  for (std::size_t half = 4; half > 0; half /= 2) {
    for (std::size_t n = 0; n < half; ++n) lanes[n] += lanes[n + half];
  }
  return lanes[0];
}

}  // namespace

void unpack_row(const tensor::MatrixView& weights, std::size_t r, std::span<float> out) {
  DRAMATIS_CHECK(out.size() == weights.columns);
  const auto bytes = weights.row(r);
  if (wants_rounded(weights.dtype)) {
    internal::RowRoom room(weights.dtype, out.size());
    const auto row = room.row();
    unpack_blocks(weights.dtype, bytes, row);
    for (std::size_t n = 0; n < out.size(); ++n) {
      out[n] =
          static_cast<float>(row.integers[n] * multiplier_at(row, n)) * row.scales[n / kRoundBlock];
      if (row.shifts.empty()) continue;
      out[n] +=
          static_cast<float>(row.shifts[n / internal::kPart]) * row.shift_scales[n / kRoundBlock];
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

void round_row(std::span<const float> x, std::span<std::int8_t> rounded, std::span<float> scales) {
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
      rounded[n] = inverse == 0.0F ? std::int8_t{0}
                                   : static_cast<std::int8_t>(std::nearbyint(x[n] * inverse));
    }
  }
}

void round_rest(std::span<const float> x, const RoundedRow& row, std::span<std::int8_t> rounded,
                std::span<float> scales) {
  DRAMATIS_CHECK(row.integers.size() == x.size() && row.scales.size() == scales.size());
  std::vector<float> rest(x.size());
  for (std::size_t n = 0; n < x.size(); ++n)
    rest[n] = x[n] - static_cast<float>(row.integers[n]) * row.scales[n / kRoundBlock];
  round_row(rest, rounded, scales);
}

void matmul(const tensor::MatrixView& weights, RowRange range, const Activations& x,
            std::span<float> out) {
  DRAMATIS_CHECK(weights.columns == x.columns && out.size() == x.rows * weights.rows);
  DRAMATIS_CHECK(range.first <= range.last && range.last <= weights.rows);
  const bool rounded = wants_rounded(weights.dtype);
  const std::size_t blocks = x.columns / kRoundBlock;
  const auto row_of = [&](std::size_t t) {
    return RoundedRow{.integers = x.rounded.subspan(t * x.columns, x.columns),
                      .scales = x.scales.subspan(t * blocks, blocks)};
  };
  internal::RowRoom room(weights.dtype, x.columns);
  std::vector<float> exact(x.columns);
  for (std::size_t r = range.first; r < range.last; ++r) {
    if (rounded) unpack_blocks(weights.dtype, weights.row(r), room.row());
    if (!rounded) unpack_row(weights, r, exact);
    for (std::size_t t = 0; t < x.rows; ++t) {
      float& sum = out[t * weights.rows + r];
      sum = rounded ? dot_blocks(room.row(), row_of(t))
                    : dot(exact, x.exact.subspan(t * x.columns, x.columns));
      if (rounded && x.rounding == Rounding::kTwice)
        sum += dot_blocks(room.row(), row_of(x.rows + t));
    }
  }
}

}  // namespace dramatis::kernels::reference
