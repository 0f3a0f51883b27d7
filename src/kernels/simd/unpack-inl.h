// Weights -> small integers and scales, in loops that the compiler turns into vectors for each
// target.
#if defined(DRAMATIS_KERNELS_SIMD_UNPACK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DRAMATIS_KERNELS_SIMD_UNPACK_INL_H_
#undef DRAMATIS_KERNELS_SIMD_UNPACK_INL_H_
#else
#define DRAMATIS_KERNELS_SIMD_UNPACK_INL_H_
#endif

#include <cstdint>
#include <cstring>

#include <hwy/highway.h>

#include "kernels/half.h"
#include "kernels/internal/iq4_nl.h"
#include "tensor/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

HWY_INLINE float half_at(const std::uint8_t* from) {
  std::uint16_t half = 0;
  std::memcpy(&half, from, sizeof half);
  return from_f16(half);
}

HWY_INLINE void unpack_q8_0(const std::uint8_t* block, std::int16_t* out) {
  for (int n = 0; n < 32; ++n) out[n] = static_cast<std::int8_t>(block[2 + n]);
}

HWY_INLINE void unpack_q4_0(const std::uint8_t* block, std::int16_t* out) {
  for (int n = 0; n < 16; ++n) out[n] = static_cast<std::int16_t>((block[2 + n] & 15) - 8);
  for (int n = 0; n < 16; ++n) out[16 + n] = static_cast<std::int16_t>((block[2 + n] >> 4) - 8);
}

HWY_INLINE void unpack_q5_0(const std::uint8_t* block, std::int16_t* out) {
  std::uint32_t fifth = 0;
  std::memcpy(&fifth, block + 2, sizeof fifth);
  for (int n = 0; n < 16; ++n) {
    const auto low = static_cast<int>(fifth >> n & 1U) * 16;
    const auto high = static_cast<int>(fifth >> (n + 16) & 1U) * 16;
    out[n] = static_cast<std::int16_t>((block[6 + n] & 15) + low - 16);
    out[16 + n] = static_cast<std::int16_t>((block[6 + n] >> 4) + high - 16);
  }
}

HWY_INLINE void unpack_iq4_nl(const std::uint8_t* block, std::int16_t* out) {
  for (int n = 0; n < 16; ++n) out[n] = internal::kIq4NlValues[block[2 + n] & 15];
  for (int n = 0; n < 16; ++n) out[16 + n] = internal::kIq4NlValues[block[2 + n] >> 4];
}

HWY_INLINE void unpack_q6_k(const std::uint8_t* block, std::int16_t* out) {
  for (int half = 0; half < 2; ++half) {
    const std::uint8_t* low = block + half * 64;
    const std::uint8_t* high = block + 128 + half * 32;
    for (int quarter = 0; quarter < 4; ++quarter) {
      const std::uint8_t* scales = block + 192 + half * 8 + quarter * 2;
      for (int l = 0; l < 32; ++l) {
        const int nibble = low[quarter % 2 * 32 + l] >> (quarter / 2 * 4) & 15;
        const int bits = high[l] >> (quarter * 2) & 3;
        const int scale = static_cast<std::int8_t>(scales[l / 16]);
        out[half * 128 + quarter * 32 + l] =
            static_cast<std::int16_t>((nibble + bits * 16 - 32) * scale);
      }
    }
  }
}

// A row of a block format: integers [columns], scales [columns / 32].
HWY_INLINE void unpack_integers(const tensor::MatrixView& weights, std::size_t r,
                                std::int16_t* integers, float* scales) {
  using tensor::Dtype;
  const auto& about = tensor::dtype_row(weights.dtype);
  const auto* block = reinterpret_cast<const std::uint8_t*>(weights.row(r).data());
  for (std::size_t n = 0; n < weights.columns; n += about.block) {
    switch (weights.dtype) {
      case Dtype::kQ8_0:
        unpack_q8_0(block, integers + n);
        break;
      case Dtype::kQ4_0:
        unpack_q4_0(block, integers + n);
        break;
      case Dtype::kQ5_0:
        unpack_q5_0(block, integers + n);
        break;
      case Dtype::kIQ4_NL:
        unpack_iq4_nl(block, integers + n);
        break;
      default:
        unpack_q6_k(block, integers + n);
        break;
    }
    const float scale = half_at(block + (weights.dtype == Dtype::kQ6_K ? 208 : 0));
    for (std::size_t b = 0; b < about.block / 32; ++b) scales[n / 32 + b] = scale;
    block += about.bytes_per_block;
  }
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
