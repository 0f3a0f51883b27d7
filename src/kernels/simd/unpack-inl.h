// The formats of 32 numbers to a block -> small integers and scales, in loops that the compiler
// turns into vectors for each target.
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

struct UnpackQ8_0 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 34;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* HWY_RESTRICT block,
                                  std::int16_t* HWY_RESTRICT out) {
    const auto* values = reinterpret_cast<const std::int8_t*>(block + 2);
    for (std::size_t n = 0; n < 32; n += kIntegers) {
      hn::StoreU(hn::PromoteTo(Integers(), hn::LoadU(SignedBytes(), values + n)), Integers(),
                 out + n);
    }
  }
};

// Nibbles, less `less`; the lower ones are the first 16 numbers.
HWY_INLINE void unpack_nibbles(const std::uint8_t* HWY_RESTRICT pairs, std::int16_t less,
                               std::int16_t* HWY_RESTRICT out) {
  const auto zero = hn::Set(Integers(), less);
  for (std::size_t n = 0; n < 16; n += kIntegers) {
    const auto both = hn::PromoteTo(Integers(), hn::LoadU(Bytes(), pairs + n));
    const auto low = hn::And(both, hn::Set(Integers(), std::int16_t{15}));
    hn::StoreU(hn::Sub(low, zero), Integers(), out + n);
    hn::StoreU(hn::Sub(hn::ShiftRight<4>(both), zero), Integers(), out + 16 + n);
  }
}

// The same with fifth bits, one for each number.
HWY_INLINE void unpack_fives(const std::uint8_t* HWY_RESTRICT pairs, std::uint32_t fifth, int less,
                             std::int16_t* HWY_RESTRICT out) {
  for (int n = 0; n < 16; ++n) {
    const auto low = static_cast<int>(fifth >> n & 1U) * 16;
    const auto high = static_cast<int>(fifth >> (n + 16) & 1U) * 16;
    out[n] = static_cast<std::int16_t>((pairs[n] & 15) + low - less);
    out[16 + n] = static_cast<std::int16_t>((pairs[n] >> 4) + high - less);
  }
}
HWY_INLINE std::uint32_t bits_at(const std::uint8_t* from) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, from, sizeof bits);
  return bits;
}

struct UnpackQ4_0 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 18;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int16_t* out) {
    unpack_nibbles(block + 2, 8, out);
  }
};

struct UnpackQ4_1 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 20;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int16_t* out) {
    unpack_nibbles(block + 4, 0, out);
  }
  static HWY_INLINE float shift_scale(const std::uint8_t* block) { return half_at(block + 2); }
  static HWY_INLINE void shifts(const std::uint8_t*, std::int16_t* out) { out[0] = out[1] = 1; }
};

struct UnpackQ5_0 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 22;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int16_t* out) {
    unpack_fives(block + 6, bits_at(block + 2), 16, out);
  }
};

struct UnpackQ5_1 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 24;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int16_t* out) {
    unpack_fives(block + 8, bits_at(block + 4), 0, out);
  }
  static HWY_INLINE float shift_scale(const std::uint8_t* block) { return half_at(block + 2); }
  static HWY_INLINE void shifts(const std::uint8_t*, std::int16_t* out) { out[0] = out[1] = 1; }
};

struct UnpackIq4Nl {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 18;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* HWY_RESTRICT block,
                                  std::int16_t* HWY_RESTRICT out) {
    for (int n = 0; n < 16; ++n) out[n] = internal::kIq4NlValues[block[2 + n] & 15];
    for (int n = 0; n < 16; ++n) out[16 + n] = internal::kIq4NlValues[block[2 + n] >> 4];
  }
};

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
