// Which number formats the kernels compute with, and how.
#include "kernels/internal/unpacked.h"
#include "kernels/matmul.h"

namespace dramatis::kernels {

bool wants_rounded(tensor::Dtype dtype) {
  using enum tensor::Dtype;
  return dtype != kF32 && dtype != kF16 && dtype != kBF16;
}

bool internal::has_multipliers(tensor::Dtype dtype) {
  return tensor::dtype_row(dtype).block == 256;
}

bool internal::has_shifts(tensor::Dtype dtype) {
  using enum tensor::Dtype;
  return dtype == kQ4_1 || dtype == kQ5_1 || dtype == kQ2_K || dtype == kQ4_K || dtype == kQ5_K;
}

}  // namespace dramatis::kernels
