// Products by tiles. Few machines have them, so the same code is proven on tiles that are loops;
// what AMX itself adds up is looked at by has_amx(), where it is.
#include "kernels/internal/amx.h"

#include <bit>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "kernels/internal/vnni.h"
#include "kernels/reference/reference.h"
#include "kernels/testing/numbers.h"

#if HWY_ARCH_X86

#include "kernels/simd/tile_products-inl.h"

HWY_PUSH_ATTRIBUTES(DRAMATIS_VNNI_TARGET)
namespace dramatis::kernels {
namespace {

using tensor::Dtype;

// What the instruction is described to add up.
class LoopTiles {
 public:
  static void sum_block(const std::int8_t* tokens, std::ptrdiff_t stride,
                        const std::uint8_t* weights, internal::TileSums& to) {
    add_up(kRoundBlock, tokens, stride, weights, to);
  }
  static void sum_half(const std::int8_t* tokens, std::ptrdiff_t stride,
                       const std::uint8_t* weights, internal::TileSums& to) {
    add_up(internal::kPart, tokens, stride, weights, to);
  }

 private:
  static void add_up(std::size_t count, const std::int8_t* tokens, std::ptrdiff_t stride,
                     const std::uint8_t* weights, internal::TileSums& to) {
    to = {};
    for (std::size_t t = 0; t < internal::kTileTokens; ++t, tokens += stride) {
      for (std::size_t row = 0; row < internal::kPanelRows; ++row) {
        for (std::size_t n = 0; n < count; ++n)
          to.of[t][row] +=
              std::int32_t{tokens[n]} * weights[(n / 4 * internal::kPanelRows + row) * 4 + n % 4];
      }
    }
  }
};

TEST(Amx, TilesGiveTheBitsOfThePlainProduct) {
  if (!internal::has_vnni()) GTEST_SKIP() << "this processor lacks AVX-512 VNNI";
  Rng rng(3);
  for (const auto dtype : testing::kFormats) {
    if (!wants_rounded(dtype)) continue;
    SCOPED_TRACE(tensor::dtype_row(dtype).name);
    const std::size_t block = std::max<std::size_t>(tensor::dtype_row(dtype).block, 32);
    for (int round = 0; round < 6; ++round) {
      const std::size_t columns = block * (1 + rng.below(block == 32 ? 27 : 5));
      const std::size_t rows = 1 + rng.below(internal::kPanelRows);
      const std::size_t tokens = internal::kTileTokens * (1 + rng.below(3)) + rng.below(3);
      const std::size_t whole = tokens / internal::kTileTokens * internal::kTileTokens;
      const auto raw = testing::random_weights(dtype, rows * columns, columns);
      const tensor::MatrixView weights{
          .dtype = dtype, .rows = rows, .columns = columns, .bytes = raw};
      auto exact = testing::numbers(tokens * columns, columns + 1);
      exact[columns / 2] = 0;
      std::vector<std::int8_t> rounded(exact.size());
      std::vector<float> scales(exact.size() / kRoundBlock);
      round_row(exact, rounded, scales);
      const Activations x{
          .rows = tokens, .columns = columns, .exact = {}, .rounded = rounded, .scales = scales};
      std::vector<float> plain(tokens * rows);
      reference::matmul(weights, {.first = 0, .last = rows}, x, plain);
      std::vector<float> fast(tokens * rows, 77.0F);
      internal::PanelRoom room(dtype, columns);
      internal::multiply_by_tiles<LoopTiles>(room.fill(weights, {.first = 0, .last = rows}),
                                             internal::Inputs(x),
                                             {.first = fast.data(), .stride = rows});
      for (std::size_t n = 0; n < whole * rows; ++n)
        ASSERT_EQ(std::bit_cast<std::uint32_t>(fast[n]), std::bit_cast<std::uint32_t>(plain[n]))
            << "token " << n / rows << ", row " << n % rows << " of " << rows << ", " << columns
            << " columns: " << fast[n] << " and " << plain[n];
      // The tokens that fill no set are left to others.
      for (std::size_t n = whole * rows; n < fast.size(); ++n) EXPECT_EQ(fast[n], 77.0F);
    }
  }
}

}  // namespace
}  // namespace dramatis::kernels
HWY_POP_ATTRIBUTES

#endif
