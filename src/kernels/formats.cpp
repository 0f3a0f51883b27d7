// Which number formats the kernels compute with.
#include "kernels/matmul.h"

namespace dramatis::kernels {

bool wants_rounded(tensor::Dtype dtype) {
  using enum tensor::Dtype;
  return dtype == kQ8_0 || dtype == kQ4_0 || dtype == kQ5_0 || dtype == kIQ4_NL || dtype == kQ6_K;
}

bool computes_with(tensor::Dtype dtype) {
  using enum tensor::Dtype;
  return dtype == kF32 || dtype == kF16 || dtype == kBF16 || wants_rounded(dtype);
}

}  // namespace dramatis::kernels
