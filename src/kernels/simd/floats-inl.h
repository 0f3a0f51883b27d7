// Rows of the float formats -> f32.
#if defined(DRAMATIS_KERNELS_SIMD_FLOATS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DRAMATIS_KERNELS_SIMD_FLOATS_INL_H_
#undef DRAMATIS_KERNELS_SIMD_FLOATS_INL_H_
#else
#define DRAMATIS_KERNELS_SIMD_FLOATS_INL_H_
#endif

#include <cstring>

#include <hwy/highway.h>

#include "kernels/half.h"
#include "kernels/simd/lanes-inl.h"
#include "tensor/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

HWY_INLINE void unpack_floats(const tensor::MatrixView& weights, std::size_t r, float* out) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(weights.row(r).data());
  if (weights.dtype == tensor::Dtype::kF32) {
    std::memcpy(out, bytes, weights.columns * sizeof(float));
    return;
  }
  std::size_t n = 0;
  if (weights.dtype == tensor::Dtype::kF16) {
    const auto* halves = reinterpret_cast<const hwy::float16_t*>(bytes);
    for (; n + kWidth <= weights.columns; n += kWidth)
      hn::StoreU(load(Tag(), halves + n), Tag(), out + n);
  }
  for (; n < weights.columns; ++n) {
    std::uint16_t half = 0;
    std::memcpy(&half, bytes + 2 * n, sizeof half);
    out[n] = weights.dtype == tensor::Dtype::kF16 ? from_f16(half) : from_bf16(half);
  }
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
