// Block formats against numbers that another implementation reads, and blocks that mean harm.
#include <cmath>

#include <gtest/gtest.h>

#include "kernels/internal/k_scales.h"
#include "kernels/internal/unpacked.h"
#include "kernels/reference/reference.h"
#include "kernels/testing/numbers.h"

namespace dramatis::kernels {
namespace {

using tensor::Dtype;

std::vector<std::byte> with_halves(Dtype dtype, std::vector<std::byte> block,
                                   std::span<const std::uint16_t> halves) {
  const auto places = testing::halves_of(dtype);
  for (std::size_t n = 0; n < places.size(); ++n)
    std::memcpy(block.data() + places[n], &halves[n], sizeof halves[n]);
  return block;
}

std::vector<float> unpacked(Dtype dtype, std::span<const std::byte> block) {
  const std::size_t columns = tensor::dtype_row(dtype).block;
  std::vector<float> out(columns);
  unpack_row({.dtype = dtype, .rows = 1, .columns = columns, .bytes = block}, 0, out);
  return out;
}

// A block whose byte n is 167 n + 13 + n / 9, with the scale 0.0123 and the second scale 0.0456.
struct Known {
  Dtype dtype;
  float numbers[4];     // the first, the sixth, the 22nd, the last
  double weighted_sum;  // of number n times n + 1
};

// Computed by gguf-py 0.19 (numpy), `gguf.quants.dequantize`.
constexpr Known kKnown[] = {
    {Dtype::kQ8_0, {1.11917114F, -1.20526123F, 0.196777344F, -1.29135132F}, -5.22689819},
    {Dtype::kQ4_0, {0.036895752F, 0.0737915039F, 0.012298584F, -0.0737915039F}, -3.4559021},
    {Dtype::kQ4_1, {0.156280518F, 0.205474854F, 0.217773438F, 0.13168335F}, 76.5390015},
    {Dtype::kQ5_0, {0.0860900879F, -0.0614929199F, 0.036895752F, -0.0491943359F}, -18.9767151},
    {Dtype::kQ5_1, {0.303863525F, 0.353057861F, 0.340759277F, 0.254669189F}, 134.317749},
    {Dtype::kIQ4_NL, {0.467346191F, 1.09457397F, 0.159881592F, -1.02078247F}, -34.3499451},
    {Dtype::kQ2_K, {0.319763184F, 0.319763184F, -0.501525879F, -0.420532227F}, -8914.87927},
    {Dtype::kQ3_K, {0.0F, 1.2298584F, -1.10687256F, -0.983886719F}, -2032.99283},
    {Dtype::kQ4_K, {6.8314209F, 0.780517578F, 1.78900146F, 2.28515625F}, 58862.6272},
    {Dtype::kQ5_K, {0.780517578F, 2.29324341F, 3.30172729F, 9.00018311F}, 179799.535},
    {Dtype::kQ6_K, {34.9525757F, 0.0F, -3.32061768F, 8.30154419F}, 15606.0545},
};

TEST(Formats, BlocksMeanWhatAnotherReaderSays) {
  const std::uint16_t halves[] = {to_f16(0.0123F), to_f16(0.0456F)};
  for (const auto& known : kKnown) {
    SCOPED_TRACE(tensor::dtype_row(known.dtype).name);
    std::vector<std::byte> block(tensor::dtype_row(known.dtype).bytes_per_block);
    for (std::size_t n = 0; n < block.size(); ++n)
      block[n] = static_cast<std::byte>(n * 167 + 13 + n / 9);
    const auto numbers = unpacked(known.dtype, with_halves(known.dtype, block, halves));
    double sum = 0;
    for (std::size_t n = 0; n < numbers.size(); ++n)
      sum += static_cast<double>(numbers[n]) * static_cast<double>(n + 1);
    // Both multiply in f32, in another order: each of at most 256 terms is off by 2^-23 of itself.
    const std::size_t places[] = {0, 5, 21, numbers.size() - 1};
    for (std::size_t n = 0; n < 4; ++n)
      EXPECT_NEAR(numbers[places[n]], known.numbers[n], 2e-6) << "number " << places[n];
    EXPECT_NEAR(sum, known.weighted_sum, 1e-6 * std::abs(known.weighted_sum) + 1e-4);
  }
}

TEST(Formats, PackedScalesComeBack) {
  std::array<internal::ScaleAndLeast, 8> pairs{};
  std::array<int, 16> scales{};
  Rng rng(3);
  for (int round = 0; round < 100; ++round) {
    for (auto& pair : pairs)
      pair = {static_cast<int>(rng.below(64)), static_cast<int>(rng.below(64))};
    for (auto& scale : scales) scale = static_cast<int>(rng.below(64)) - 32;
    std::uint8_t packed[12];
    internal::pack_k4_scales(pairs, packed);
    for (std::size_t n = 0; n < 8; ++n) {
      EXPECT_EQ(internal::k4_scale(packed, n).scale, pairs[n].scale);
      EXPECT_EQ(internal::k4_scale(packed, n).least, pairs[n].least);
    }
    std::uint8_t eight[8];
    std::uint8_t leasts[8];
    internal::unpack_k4_scales(packed, eight, leasts);
    for (std::size_t n = 0; n < 8; ++n) {
      EXPECT_EQ(eight[n], pairs[n].scale);
      EXPECT_EQ(leasts[n], pairs[n].least);
    }
    internal::pack_q3_scales(scales, packed);
    for (std::size_t n = 0; n < 16; ++n) EXPECT_EQ(internal::q3_scale(packed, n), scales[n]);
  }
}

// A broken scale must reach the result as a number that is not finite, or it would pass unseen.
// G26
TEST(Formats, BrokenScalesAreSeenInEveryNumberAndProduct) {
  constexpr std::uint16_t kInfinite = 0x7C00;
  constexpr std::uint16_t kNan = 0x7E01;
  constexpr std::uint16_t kAllOnes = 0xFFFF;
  for (const auto dtype : testing::kFormats) {
    if (!wants_rounded(dtype)) continue;
    SCOPED_TRACE(tensor::dtype_row(dtype).name);
    const auto& about = tensor::dtype_row(dtype);
    for (const std::uint16_t broken : {kInfinite, kNan, kAllOnes}) {
      const std::uint16_t halves[] = {broken, broken};
      const auto raw = with_halves(
          dtype, std::vector<std::byte>(about.bytes_per_block, std::byte{0x5A}), halves);
      for (const float number : unpacked(dtype, raw)) EXPECT_FALSE(std::isfinite(number));
      const auto exact = testing::numbers(about.block, 1);
      std::vector<std::int8_t> rounded(exact.size());
      std::vector<float> scales(exact.size() / kRoundBlock);
      round_row(exact, rounded, scales);
      const tensor::MatrixView weights{
          .dtype = dtype, .rows = 1, .columns = about.block, .bytes = raw};
      const Activations x{
          .rows = 1, .columns = about.block, .exact = exact, .rounded = rounded, .scales = scales};
      std::vector<float> fast(1);
      std::vector<float> plain(1);
      matmul(weights, {.first = 0, .last = 1}, x, fast);
      reference::matmul(weights, {.first = 0, .last = 1}, x, plain);
      EXPECT_FALSE(std::isfinite(fast[0]));
      EXPECT_FALSE(std::isfinite(plain[0]));
    }
  }
}

// An integer times its multiplier is at most 4096 in size, so that a sum of 32 products with 127 is
// exact in f32, and far from the end of int32.
// G26
TEST(Formats, AnyBytesStayWithinTheBoundsOfSums) {
  for (const auto dtype : testing::kFormats) {
    if (!wants_rounded(dtype)) continue;
    const auto& about = tensor::dtype_row(dtype);
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto raw = testing::random_weights(dtype, about.block, seed);
      internal::RowRoom room(dtype, about.block);
      const auto row = room.row();
      reference::unpack_blocks(dtype, raw, row);
      for (std::size_t n = 0; n < row.integers.size(); ++n) {
        const int multiplier = row.multipliers.empty() ? 1 : row.multipliers[n / internal::kPart];
        EXPECT_LE(std::abs(row.integers[n] * multiplier), 4096);
      }
      for (const std::int16_t shift : row.shifts) EXPECT_LE(std::abs(shift), 63);
    }
  }
}

}  // namespace
}  // namespace dramatis::kernels
