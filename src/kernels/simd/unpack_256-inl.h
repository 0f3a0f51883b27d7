// The formats of 256 numbers to a block -> integers of a byte, multipliers, scales and shifts.
#if defined(DRAMATIS_KERNELS_SIMD_UNPACK_256_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DRAMATIS_KERNELS_SIMD_UNPACK_256_INL_H_
#undef DRAMATIS_KERNELS_SIMD_UNPACK_256_INL_H_
#else
#define DRAMATIS_KERNELS_SIMD_UNPACK_256_INL_H_
#endif

#include <hwy/highway.h>

#include "kernels/internal/k_scales.h"
#include "kernels/simd/unpack_32-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

// kCount bits of each byte, from bit kFirst on.
template <int kFirst, int kCount>
HWY_INLINE ByteVector bits_of(const std::uint8_t* from) {
  constexpr auto kMask = static_cast<std::uint8_t>((1 << kCount) - 1);
  return hn::And(hn::ShiftRight<kFirst>(hn::LoadU(Bytes(), from)), hn::Set(Bytes(), kMask));
}
template <int kPlace>
HWY_INLINE ByteVector raised(ByteVector bits) {
  return hn::ShiftLeft<kPlace>(bits);
}

struct UnpackQ2_K {
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kBytes = 84;

  template <int kQuarter>
  static HWY_INLINE void quarter(const std::uint8_t* HWY_RESTRICT pairs,
                                 std::int8_t* HWY_RESTRICT out) {
    for (std::size_t n = 0; n < 32; n += kBytesAtOnce)
      store_less(bits_of<kQuarter * 2, 2>(pairs + n), 0, out + kQuarter * 32 + n);
  }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int8_t* out) {
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint8_t* pairs = block + 16 + half * 32;
      quarter<0>(pairs, out + half * 128);
      quarter<1>(pairs, out + half * 128);
      quarter<2>(pairs, out + half * 128);
      quarter<3>(pairs, out + half * 128);
    }
  }
  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block + 80); }
  static HWY_INLINE float shift_scale(const std::uint8_t* block) { return -half_at(block + 82); }
  static HWY_INLINE void multipliers_and_shifts(const std::uint8_t* HWY_RESTRICT block,
                                                std::int16_t* HWY_RESTRICT multipliers,
                                                std::int16_t* HWY_RESTRICT shifts) {
    for (int n = 0; n < 16; ++n) {
      multipliers[n] = static_cast<std::int16_t>(block[n] & 15);
      shifts[n] = static_cast<std::int16_t>(block[n] >> 4);
    }
  }
};

struct UnpackQ3_K {
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kBytes = 110;

  template <int kEighth>
  static HWY_INLINE void eighth(const std::uint8_t* HWY_RESTRICT block,
                                std::int8_t* HWY_RESTRICT out) {
    const std::uint8_t* pairs = block + 32 + kEighth / 4 * 32;
    for (std::size_t n = 0; n < 32; n += kBytesAtOnce) {
      const auto third = raised<2>(bits_of<kEighth, 1>(block + n));
      store_less(hn::Add(bits_of<kEighth % 4 * 2, 2>(pairs + n), third), 4, out + kEighth * 32 + n);
    }
  }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int8_t* out) {
    eighth<0>(block, out);
    eighth<1>(block, out);
    eighth<2>(block, out);
    eighth<3>(block, out);
    eighth<4>(block, out);
    eighth<5>(block, out);
    eighth<6>(block, out);
    eighth<7>(block, out);
  }
  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block + 108); }
  static HWY_INLINE void multipliers(const std::uint8_t* block, std::int16_t* out) {
    for (std::size_t n = 0; n < 16; ++n)
      out[n] = static_cast<std::int16_t>(internal::q3_scale(block + 96, n));
  }
};

// What Q4_K and Q5_K have in common.
struct UnpackFourBits {
  static constexpr std::size_t kBlock = 256;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE float shift_scale(const std::uint8_t* block) { return -half_at(block + 2); }
  // Both at once: they are packed together.
  static HWY_INLINE void multipliers_and_shifts(const std::uint8_t* block,
                                                std::int16_t* multipliers, std::int16_t* shifts) {
    std::uint8_t scales[8];
    std::uint8_t leasts[8];
    internal::unpack_k4_scales(block + 4, scales, leasts);
    for (std::size_t n = 0; n < 16; ++n) {
      multipliers[n] = scales[n / 2];
      shifts[n] = leasts[n / 2];
    }
  }
};

struct UnpackQ4_K : UnpackFourBits {
  static constexpr std::size_t kBytes = 144;

  static HWY_INLINE void integers(const std::uint8_t* HWY_RESTRICT block,
                                  std::int8_t* HWY_RESTRICT out) {
    for (std::size_t quarter = 0; quarter < 4; ++quarter) {
      const std::uint8_t* nibbles = block + 16 + quarter * 32;
      for (std::size_t n = 0; n < 32; n += kBytesAtOnce) {
        store_less(bits_of<0, 4>(nibbles + n), 0, out + quarter * 64 + n);
        store_less(bits_of<4, 4>(nibbles + n), 0, out + quarter * 64 + 32 + n);
      }
    }
  }
};

struct UnpackQ5_K : UnpackFourBits {
  static constexpr std::size_t kBytes = 176;

  template <int kQuarter>
  static HWY_INLINE void quarter(const std::uint8_t* HWY_RESTRICT block,
                                 std::int8_t* HWY_RESTRICT out) {
    const std::uint8_t* nibbles = block + 48 + kQuarter * 32;
    for (std::size_t n = 0; n < 32; n += kBytesAtOnce) {
      const auto low_fifth = raised<4>(bits_of<kQuarter * 2, 1>(block + 16 + n));
      const auto high_fifth = raised<4>(bits_of<kQuarter * 2 + 1, 1>(block + 16 + n));
      store_less(hn::Add(bits_of<0, 4>(nibbles + n), low_fifth), 0, out + kQuarter * 64 + n);
      store_less(hn::Add(bits_of<4, 4>(nibbles + n), high_fifth), 0, out + kQuarter * 64 + 32 + n);
    }
  }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int8_t* out) {
    quarter<0>(block, out);
    quarter<1>(block, out);
    quarter<2>(block, out);
    quarter<3>(block, out);
  }
};

struct UnpackQ6_K {
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kBytes = 210;

  // 32 numbers, whose upper bits stand two further to the left in each quarter.
  template <int kQuarter>
  static HWY_INLINE void quarter(const std::uint8_t* HWY_RESTRICT low,
                                 const std::uint8_t* HWY_RESTRICT high,
                                 std::int8_t* HWY_RESTRICT out) {
    for (std::size_t n = 0; n < 32; n += kBytesAtOnce) {
      const auto lower = bits_of<kQuarter / 2 * 4, 4>(low + kQuarter % 2 * 32 + n);
      const auto upper = raised<4>(bits_of<kQuarter * 2, 2>(high + n));
      store_less(hn::Add(lower, upper), 32, out + kQuarter * 32 + n);
    }
  }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int8_t* out) {
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint8_t* low = block + half * 64;
      const std::uint8_t* high = block + 128 + half * 32;
      quarter<0>(low, high, out + half * 128);
      quarter<1>(low, high, out + half * 128);
      quarter<2>(low, high, out + half * 128);
      quarter<3>(low, high, out + half * 128);
    }
  }
  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block + 208); }
  static HWY_INLINE void multipliers(const std::uint8_t* block, std::int16_t* out) {
    for (int n = 0; n < 16; ++n) out[n] = static_cast<std::int8_t>(block[192 + n]);
  }
};

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
