// Asks the processor once.
#include "train/precision.h"

namespace dramatis::train {

bool multiplies_bf16() {
#if defined(__x86_64__)
  static const bool does = __builtin_cpu_supports("avx512bf16");
  return does;
#else
  return false;
#endif
}

torch::Tensor to_factor(const torch::Tensor& x) {
  return multiplies_bf16() ? x.to(torch::kBFloat16) : x;
}

}  // namespace dramatis::train
