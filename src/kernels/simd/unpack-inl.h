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

namespace hn = hwy::HWY_NAMESPACE;

HWY_INLINE float half_at(const std::uint8_t* from) {
  std::uint16_t half = 0;
  std::memcpy(&half, from, sizeof half);
  return from_f16(half);
}

using Integers = hn::CappedTag<std::int16_t, 16>;
using Bytes = hn::Rebind<std::uint8_t, Integers>;
using SignedBytes = hn::Rebind<std::int8_t, Integers>;
constexpr std::size_t kIntegers = hn::MaxLanes(Integers());

HWY_INLINE void unpack_q8_0(const std::uint8_t* HWY_RESTRICT block,
                            std::int16_t* HWY_RESTRICT out) {
  const auto* values = reinterpret_cast<const std::int8_t*>(block + 2);
  for (std::size_t n = 0; n < 32; n += kIntegers) {
    hn::StoreU(hn::PromoteTo(Integers(), hn::LoadU(SignedBytes(), values + n)), Integers(),
               out + n);
  }
}

HWY_INLINE void unpack_q4_0(const std::uint8_t* HWY_RESTRICT block,
                            std::int16_t* HWY_RESTRICT out) {
  const auto eight = hn::Set(Integers(), std::int16_t{8});
  for (std::size_t n = 0; n < 16; n += kIntegers) {
    const auto pairs = hn::PromoteTo(Integers(), hn::LoadU(Bytes(), block + 2 + n));
    const auto low = hn::And(pairs, hn::Set(Integers(), std::int16_t{15}));
    hn::StoreU(hn::Sub(low, eight), Integers(), out + n);
    hn::StoreU(hn::Sub(hn::ShiftRight<4>(pairs), eight), Integers(), out + 16 + n);
  }
}

HWY_INLINE void unpack_q5_0(const std::uint8_t* HWY_RESTRICT block,
                            std::int16_t* HWY_RESTRICT out) {
  std::uint32_t fifth = 0;
  std::memcpy(&fifth, block + 2, sizeof fifth);
  for (int n = 0; n < 16; ++n) {
    const auto low = static_cast<int>(fifth >> n & 1U) * 16;
    const auto high = static_cast<int>(fifth >> (n + 16) & 1U) * 16;
    out[n] = static_cast<std::int16_t>((block[6 + n] & 15) + low - 16);
    out[16 + n] = static_cast<std::int16_t>((block[6 + n] >> 4) + high - 16);
  }
}

HWY_INLINE void unpack_iq4_nl(const std::uint8_t* HWY_RESTRICT block,
                              std::int16_t* HWY_RESTRICT out) {
  for (int n = 0; n < 16; ++n) out[n] = internal::kIq4NlValues[block[2 + n] & 15];
  for (int n = 0; n < 16; ++n) out[16 + n] = internal::kIq4NlValues[block[2 + n] >> 4];
}

// 32 numbers, whose upper bits stand two further to the left in each quarter.
template <int kQuarter>
HWY_INLINE void unpack_q6_k_quarter(const std::uint8_t* HWY_RESTRICT low,
                                    const std::uint8_t* HWY_RESTRICT high,
                                    const std::uint8_t* HWY_RESTRICT scales,
                                    std::int16_t* HWY_RESTRICT out) {
  const Integers d;
  for (std::size_t n = 0; n < 32; n += kIntegers) {
    const auto nibbles = hn::PromoteTo(d, hn::LoadU(Bytes(), low + kQuarter % 2 * 32 + n));
    const auto bits = hn::PromoteTo(d, hn::LoadU(Bytes(), high + n));
    const auto lower =
        hn::And(hn::ShiftRight<kQuarter / 2 * 4>(nibbles), hn::Set(d, std::int16_t{15}));
    const auto upper = hn::And(hn::ShiftRight<kQuarter * 2>(bits), hn::Set(d, std::int16_t{3}));
    const auto value =
        hn::Sub(hn::Add(lower, hn::ShiftLeft<4>(upper)), hn::Set(d, std::int16_t{32}));
    const auto scale = hn::Set(
        d, static_cast<std::int16_t>(static_cast<std::int8_t>(scales[kQuarter * 2 + n / 16])));
    hn::StoreU(hn::Mul(value, scale), d, out + kQuarter * 32 + n);
  }
}

HWY_INLINE void unpack_q6_k(const std::uint8_t* HWY_RESTRICT block,
                            std::int16_t* HWY_RESTRICT out) {
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint8_t* low = block + half * 64;
    const std::uint8_t* high = block + 128 + half * 32;
    const std::uint8_t* scales = block + 192 + half * 8;
    unpack_q6_k_quarter<0>(low, high, scales, out + half * 128);
    unpack_q6_k_quarter<1>(low, high, scales, out + half * 128);
    unpack_q6_k_quarter<2>(low, high, scales, out + half * 128);
    unpack_q6_k_quarter<3>(low, high, scales, out + half * 128);
  }
}

// Every block of a row through `unpack`.
template <void (*unpack)(const std::uint8_t*, std::int16_t*), std::size_t block, std::size_t bytes,
          std::size_t scale_at>
HWY_INLINE void unpack_all(const std::uint8_t* HWY_RESTRICT from, std::size_t columns,
                           std::int16_t* HWY_RESTRICT integers, float* HWY_RESTRICT scales) {
  for (std::size_t n = 0; n < columns; n += block, from += bytes) {
    unpack(from, integers + n);
    const float scale = half_at(from + scale_at);
    for (std::size_t b = 0; b < block / 32; ++b) scales[n / 32 + b] = scale;
  }
}

// A row of a block format: integers [columns], scales [columns / 32].
HWY_INLINE void unpack_integers(const tensor::MatrixView& weights, std::size_t r,
                                std::int16_t* integers, float* scales) {
  using tensor::Dtype;
  const auto* from = reinterpret_cast<const std::uint8_t*>(weights.row(r).data());
  const std::size_t n = weights.columns;
  switch (weights.dtype) {
    case Dtype::kQ8_0:
      unpack_all<unpack_q8_0, 32, 34, 0>(from, n, integers, scales);
      break;
    case Dtype::kQ4_0:
      unpack_all<unpack_q4_0, 32, 18, 0>(from, n, integers, scales);
      break;
    case Dtype::kQ5_0:
      unpack_all<unpack_q5_0, 32, 22, 0>(from, n, integers, scales);
      break;
    case Dtype::kIQ4_NL:
      unpack_all<unpack_iq4_nl, 32, 18, 0>(from, n, integers, scales);
      break;
    default:
      unpack_all<unpack_q6_k, 256, 210, 208>(from, n, integers, scales);
      break;
  }
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
