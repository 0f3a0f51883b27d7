// The formats of 32 numbers to a block -> integers of a byte and scales.
#if defined(DRAMATIS_KERNELS_SIMD_UNPACK_32_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DRAMATIS_KERNELS_SIMD_UNPACK_32_INL_H_
#undef DRAMATIS_KERNELS_SIMD_UNPACK_32_INL_H_
#else
#define DRAMATIS_KERNELS_SIMD_UNPACK_32_INL_H_
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
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  return _mm_cvtss_f32(_mm_cvtph_ps(_mm_loadu_si16(from)));
#else
  std::uint16_t half = 0;
  std::memcpy(&half, from, sizeof half);
  return from_f16(half);
#endif
}

using Bytes = hn::CappedTag<std::uint8_t, 16>;
using SignedBytes = hn::Rebind<std::int8_t, Bytes>;
using ByteVector = hn::Vec<Bytes>;
constexpr std::size_t kBytesAtOnce = hn::MaxLanes(Bytes());

// `values` less `less`, as signed bytes.
HWY_INLINE void store_less(ByteVector values, std::uint8_t less, std::int8_t* out) {
  const auto lowered = hn::Sub(values, hn::Set(Bytes(), less));
  hn::StoreU(hn::BitCast(SignedBytes(), lowered), SignedBytes(), out);
}

struct UnpackQ8_0 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 34;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* HWY_RESTRICT block,
                                  std::int8_t* HWY_RESTRICT out) {
    std::memcpy(out, block + 2, 32);
  }
};

// Nibbles, less `less`; the lower ones are the first 16 numbers.
HWY_INLINE void unpack_nibbles(const std::uint8_t* HWY_RESTRICT pairs, std::uint8_t less,
                               std::int8_t* HWY_RESTRICT out) {
  for (std::size_t n = 0; n < 16; n += kBytesAtOnce) {
    const auto both = hn::LoadU(Bytes(), pairs + n);
    store_less(hn::And(both, hn::Set(Bytes(), std::uint8_t{15})), less, out + n);
    store_less(hn::ShiftRight<4>(both), less, out + 16 + n);
  }
}

#if HWY_TARGET == HWY_SCALAR

// The same with fifth bits, four bytes of them before the nibbles, one bit for each number.
HWY_INLINE void unpack_fives(const std::uint8_t* HWY_RESTRICT from, std::uint8_t less,
                             std::int8_t* HWY_RESTRICT out) {
  for (int n = 0; n < 32; ++n) {
    const int nibble = n < 16 ? from[4 + n] & 15 : from[4 + n - 16] >> 4;
    out[n] = static_cast<std::int8_t>(nibble + (from[n / 8] >> (n % 8) & 1) * 16 - less);
  }
}

#else

// 16 where bit n of two bytes is set, for 16 numbers.
HWY_INLINE ByteVector fifths(const std::uint8_t* from) {
  alignas(16) static constexpr std::uint8_t kByte[16] = {0, 0, 0, 0, 0, 0, 0, 0,
                                                         1, 1, 1, 1, 1, 1, 1, 1};
  alignas(16) static constexpr std::uint8_t kBit[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                        1, 2, 4, 8, 16, 32, 64, 128};
  std::uint16_t both = 0;
  std::memcpy(&both, from, sizeof both);
  const hn::Repartition<std::uint16_t, Bytes> pairs;
  const auto spread =
      hn::TableLookupBytes(hn::BitCast(Bytes(), hn::Set(pairs, both)), hn::Load(Bytes(), kByte));
  const auto bit = hn::Load(Bytes(), kBit);
  const auto set = hn::Eq(hn::And(spread, bit), bit);
  return hn::IfThenElseZero(set, hn::Set(Bytes(), std::uint8_t{16}));
}

// The same with fifth bits, four bytes of them before the nibbles, one bit for each number.
HWY_INLINE void unpack_fives(const std::uint8_t* HWY_RESTRICT from, std::uint8_t less,
                             std::int8_t* HWY_RESTRICT out) {
  const auto both = hn::LoadU(Bytes(), from + 4);
  const auto low = hn::And(both, hn::Set(Bytes(), std::uint8_t{15}));
  store_less(hn::Add(low, fifths(from)), less, out);
  store_less(hn::Add(hn::ShiftRight<4>(both), fifths(from + 2)), less, out + 16);
}

#endif

// One shift for the whole block.
HWY_INLINE void shift_once(std::int16_t* out) {
  out[0] = out[1] = 1;
}

struct UnpackQ4_0 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 18;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int8_t* out) {
    unpack_nibbles(block + 2, 8, out);
  }
};

struct UnpackQ4_1 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 20;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int8_t* out) {
    unpack_nibbles(block + 4, 0, out);
  }
  static HWY_INLINE float shift_scale(const std::uint8_t* block) { return half_at(block + 2); }
  static HWY_INLINE void shifts(const std::uint8_t*, std::int16_t* out) { shift_once(out); }
};

struct UnpackQ5_0 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 22;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int8_t* out) {
    unpack_fives(block + 2, 16, out);
  }
};

struct UnpackQ5_1 {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 24;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int8_t* out) {
    unpack_fives(block + 4, 0, out);
  }
  static HWY_INLINE float shift_scale(const std::uint8_t* block) { return half_at(block + 2); }
  static HWY_INLINE void shifts(const std::uint8_t*, std::int16_t* out) { shift_once(out); }
};

struct UnpackIq4Nl {
  static constexpr std::size_t kBlock = 32;
  static constexpr std::size_t kBytes = 18;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE void integers(const std::uint8_t* HWY_RESTRICT block,
                                  std::int8_t* HWY_RESTRICT out) {
#if HWY_TARGET == HWY_SCALAR
    for (int n = 0; n < 16; ++n) {
      out[n] = internal::kIq4NlValues[block[2 + n] & 15];
      out[16 + n] = internal::kIq4NlValues[block[2 + n] >> 4];
    }
#else
    const auto values = hn::LoadU(SignedBytes(), internal::kIq4NlValues);
    const auto both = hn::LoadU(Bytes(), block + 2);
    const auto low = hn::And(both, hn::Set(Bytes(), std::uint8_t{15}));
    hn::StoreU(hn::TableLookupBytes(values, hn::BitCast(SignedBytes(), low)), SignedBytes(), out);
    const auto high = hn::BitCast(SignedBytes(), hn::ShiftRight<4>(both));
    hn::StoreU(hn::TableLookupBytes(values, high), SignedBytes(), out + 16);
#endif
  }
};

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
