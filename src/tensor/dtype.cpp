// The one table of number formats.
// Source: ggml.h `ggml_type` and ggml-common.h block structures.
#include "tensor/dtype.h"

#include "base/check.h"
#include "base/checked.h"

namespace dramatis::tensor {
namespace {

constexpr DtypeRow kRows[] = {
    {Dtype::kF32, "F32", 0, 1, 4},        {Dtype::kF16, "F16", 1, 1, 2},
    {Dtype::kBF16, "BF16", 30, 1, 2},     {Dtype::kQ8_0, "Q8_0", 8, 32, 34},
    {Dtype::kQ4_0, "Q4_0", 2, 32, 18},    {Dtype::kQ4_1, "Q4_1", 3, 32, 20},
    {Dtype::kQ5_0, "Q5_0", 6, 32, 22},    {Dtype::kQ5_1, "Q5_1", 7, 32, 24},
    {Dtype::kQ2_K, "Q2_K", 10, 256, 84},  {Dtype::kQ3_K, "Q3_K", 11, 256, 110},
    {Dtype::kQ4_K, "Q4_K", 12, 256, 144}, {Dtype::kQ5_K, "Q5_K", 13, 256, 176},
    {Dtype::kQ6_K, "Q6_K", 14, 256, 210}, {Dtype::kIQ4_NL, "IQ4_NL", 20, 32, 18},
};

}  // namespace

const DtypeRow& dtype_row(Dtype dtype) {
  const auto& row = kRows[static_cast<std::size_t>(dtype)];
  DRAMATIS_CHECK(row.dtype == dtype);
  return row;
}

std::optional<Dtype> dtype_of_ggml_id(std::uint32_t id) {
  for (const auto& row : kRows) {
    if (row.ggml_id == id) return row.dtype;
  }
  return std::nullopt;
}

std::optional<std::size_t> bytes_of(Dtype dtype, std::size_t count) {
  const auto& row = dtype_row(dtype);
  if (count % row.block != 0) return std::nullopt;
  return checked_mul(count / row.block, row.bytes_per_block);
}

}  // namespace dramatis::tensor
