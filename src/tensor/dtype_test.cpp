#include "tensor/dtype.h"

#include <limits>

#include <gtest/gtest.h>

namespace dramatis::tensor {
namespace {

TEST(Dtype, EachIdFindsItsRow) {
  for (std::uint32_t id = 0; id < 64; ++id) {
    const auto dtype = dtype_of_ggml_id(id);
    if (dtype) {
      EXPECT_EQ(dtype_row(*dtype).ggml_id, id);
    }
  }
  EXPECT_EQ(dtype_of_ggml_id(8), Dtype::kQ8_0);
  EXPECT_EQ(dtype_of_ggml_id(30), Dtype::kBF16);
  EXPECT_FALSE(dtype_of_ggml_id(4));  // removed from ggml
  EXPECT_FALSE(dtype_of_ggml_id(255));
}

TEST(Dtype, CountsBytesOfWholeBlocksOnly) {
  EXPECT_EQ(bytes_of(Dtype::kF16, 3), 6U);
  EXPECT_EQ(bytes_of(Dtype::kQ4_0, 64), 36U);
  EXPECT_EQ(bytes_of(Dtype::kQ6_K, 512), 420U);
  EXPECT_FALSE(bytes_of(Dtype::kQ8_0, 33));
  EXPECT_FALSE(bytes_of(Dtype::kF32, std::numeric_limits<std::size_t>::max() / 2));
}

}  // namespace
}  // namespace dramatis::tensor
