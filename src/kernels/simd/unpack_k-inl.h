// The formats of 256 numbers to a block -> small integers, scales and shifts; and any row.
#if defined(DRAMATIS_KERNELS_SIMD_UNPACK_K_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef DRAMATIS_KERNELS_SIMD_UNPACK_K_INL_H_
#undef DRAMATIS_KERNELS_SIMD_UNPACK_K_INL_H_
#else
#define DRAMATIS_KERNELS_SIMD_UNPACK_K_INL_H_
#endif

#include <hwy/highway.h>

#include "kernels/internal/k_scales.h"
#include "kernels/internal/unpacked.h"
#include "kernels/simd/unpack-inl.h"
#include "tensor/matrix.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

using IntegerVector = hn::Vec<Integers>;

HWY_INLINE IntegerVector widened(const std::uint8_t* from) {
  return hn::PromoteTo(Integers(), hn::LoadU(Bytes(), from));
}
// kCount bits of each byte, from bit kFirst on.
template <int kFirst, int kCount>
HWY_INLINE IntegerVector bits_of(const std::uint8_t* from) {
  constexpr auto kMask = static_cast<std::int16_t>((1 << kCount) - 1);
  return hn::And(hn::ShiftRight<kFirst>(widened(from)), hn::Set(Integers(), kMask));
}
HWY_INLINE void store_scaled(IntegerVector value, int scale, std::int16_t* out) {
  const auto scale_v = hn::Set(Integers(), static_cast<std::int16_t>(scale));
  hn::StoreU(hn::Mul(value, scale_v), Integers(), out);
}

struct UnpackQ2_K {
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kBytes = 84;

  template <int kQuarter>
  static HWY_INLINE void quarter(const std::uint8_t* HWY_RESTRICT pairs,
                                 const std::uint8_t* HWY_RESTRICT scales,
                                 std::int16_t* HWY_RESTRICT out) {
    for (std::size_t n = 0; n < 32; n += kIntegers) {
      store_scaled(bits_of<kQuarter * 2, 2>(pairs + n), scales[kQuarter * 2 + n / 16] & 15,
                   out + kQuarter * 32 + n);
    }
  }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int16_t* out) {
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint8_t* pairs = block + 16 + half * 32;
      const std::uint8_t* scales = block + half * 8;
      quarter<0>(pairs, scales, out + half * 128);
      quarter<1>(pairs, scales, out + half * 128);
      quarter<2>(pairs, scales, out + half * 128);
      quarter<3>(pairs, scales, out + half * 128);
    }
  }
  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block + 80); }
  static HWY_INLINE float shift_scale(const std::uint8_t* block) { return -half_at(block + 82); }
  static HWY_INLINE void shifts(const std::uint8_t* block, std::int16_t* out) {
    for (int n = 0; n < 16; ++n) out[n] = static_cast<std::int16_t>(block[n] >> 4);
  }
};

struct UnpackQ3_K {
  static constexpr std::size_t kBlock = 256;
  static constexpr std::size_t kBytes = 110;

  template <int kEighth>
  static HWY_INLINE void eighth(const std::uint8_t* HWY_RESTRICT block,
                                std::int16_t* HWY_RESTRICT out) {
    const std::uint8_t* pairs = block + 32 + kEighth / 4 * 32;
    for (std::size_t n = 0; n < 32; n += kIntegers) {
      const auto third = hn::ShiftLeft<2>(bits_of<kEighth, 1>(block + n));
      const auto value = hn::Sub(hn::Add(bits_of<kEighth % 4 * 2, 2>(pairs + n), third),
                                 hn::Set(Integers(), std::int16_t{4}));
      store_scaled(value, internal::q3_scale(block + 96, kEighth * 2 + n / 16),
                   out + kEighth * 32 + n);
    }
  }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int16_t* out) {
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
};

// What Q4_K and Q5_K have in common.
struct UnpackFourBits {
  static constexpr std::size_t kBlock = 256;

  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block); }
  static HWY_INLINE float shift_scale(const std::uint8_t* block) { return -half_at(block + 2); }
  static HWY_INLINE void shifts(const std::uint8_t* block, std::int16_t* out) {
    for (std::size_t n = 0; n < 8; ++n) {
      const auto least = static_cast<std::int16_t>(internal::k4_scale(block + 4, n).least);
      out[2 * n] = least;
      out[2 * n + 1] = least;
    }
  }
};

struct UnpackQ4_K : UnpackFourBits {
  static constexpr std::size_t kBytes = 144;

  static HWY_INLINE void integers(const std::uint8_t* HWY_RESTRICT block,
                                  std::int16_t* HWY_RESTRICT out) {
    for (std::size_t quarter = 0; quarter < 4; ++quarter) {
      const std::uint8_t* nibbles = block + 16 + quarter * 32;
      const int low = internal::k4_scale(block + 4, quarter * 2).scale;
      const int high = internal::k4_scale(block + 4, quarter * 2 + 1).scale;
      for (std::size_t n = 0; n < 32; n += kIntegers) {
        store_scaled(bits_of<0, 4>(nibbles + n), low, out + quarter * 64 + n);
        store_scaled(bits_of<4, 4>(nibbles + n), high, out + quarter * 64 + 32 + n);
      }
    }
  }
};

struct UnpackQ5_K : UnpackFourBits {
  static constexpr std::size_t kBytes = 176;

  template <int kQuarter>
  static HWY_INLINE void quarter(const std::uint8_t* HWY_RESTRICT block,
                                 std::int16_t* HWY_RESTRICT out) {
    const std::uint8_t* nibbles = block + 48 + kQuarter * 32;
    const int low = internal::k4_scale(block + 4, kQuarter * 2).scale;
    const int high = internal::k4_scale(block + 4, kQuarter * 2 + 1).scale;
    for (std::size_t n = 0; n < 32; n += kIntegers) {
      const auto low_fifth = hn::ShiftLeft<4>(bits_of<kQuarter * 2, 1>(block + 16 + n));
      const auto high_fifth = hn::ShiftLeft<4>(bits_of<kQuarter * 2 + 1, 1>(block + 16 + n));
      store_scaled(hn::Add(bits_of<0, 4>(nibbles + n), low_fifth), low, out + kQuarter * 64 + n);
      store_scaled(hn::Add(bits_of<4, 4>(nibbles + n), high_fifth), high,
                   out + kQuarter * 64 + 32 + n);
    }
  }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int16_t* out) {
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
                                 const std::uint8_t* HWY_RESTRICT scales,
                                 std::int16_t* HWY_RESTRICT out) {
    for (std::size_t n = 0; n < 32; n += kIntegers) {
      const auto lower = bits_of<kQuarter / 2 * 4, 4>(low + kQuarter % 2 * 32 + n);
      const auto upper = hn::ShiftLeft<4>(bits_of<kQuarter * 2, 2>(high + n));
      const auto value = hn::Sub(hn::Add(lower, upper), hn::Set(Integers(), std::int16_t{32}));
      store_scaled(value, static_cast<std::int8_t>(scales[kQuarter * 2 + n / 16]),
                   out + kQuarter * 32 + n);
    }
  }
  static HWY_INLINE void integers(const std::uint8_t* block, std::int16_t* out) {
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint8_t* low = block + half * 64;
      const std::uint8_t* high = block + 128 + half * 32;
      const std::uint8_t* scales = block + 192 + half * 8;
      quarter<0>(low, high, scales, out + half * 128);
      quarter<1>(low, high, scales, out + half * 128);
      quarter<2>(low, high, scales, out + half * 128);
      quarter<3>(low, high, scales, out + half * 128);
    }
  }
  static HWY_INLINE float scale(const std::uint8_t* block) { return half_at(block + 208); }
};

// Every block of a row.
template <class Format>
HWY_INLINE void unpack_all(const std::uint8_t* HWY_RESTRICT from, const internal::UnpackedRow& to) {
  for (std::size_t n = 0; n < to.integers.size(); n += Format::kBlock, from += Format::kBytes) {
    Format::integers(from, to.integers.data() + n);
    const float scale = Format::scale(from);
    for (std::size_t b = n / 32; b < (n + Format::kBlock) / 32; ++b) to.scales[b] = scale;
  }
}
template <class Format>
HWY_INLINE void unpack_shifted(const std::uint8_t* HWY_RESTRICT from,
                               const internal::UnpackedRow& to) {
  unpack_all<Format>(from, to);
  for (std::size_t n = 0; n < to.integers.size(); n += Format::kBlock, from += Format::kBytes) {
    Format::shifts(from, to.shifts.data() + n / internal::kShiftBlock);
    const float scale = Format::shift_scale(from);
    for (std::size_t b = n / 32; b < (n + Format::kBlock) / 32; ++b) to.shift_scales[b] = scale;
  }
}

// Row r of a block format.
HWY_INLINE void unpack_integers(const tensor::MatrixView& weights, std::size_t r,
                                const internal::UnpackedRow& to) {
  using tensor::Dtype;
  const auto* from = reinterpret_cast<const std::uint8_t*>(weights.row(r).data());
  switch (weights.dtype) {
    case Dtype::kQ8_0:
      return unpack_all<UnpackQ8_0>(from, to);
    case Dtype::kQ4_0:
      return unpack_all<UnpackQ4_0>(from, to);
    case Dtype::kQ4_1:
      return unpack_shifted<UnpackQ4_1>(from, to);
    case Dtype::kQ5_0:
      return unpack_all<UnpackQ5_0>(from, to);
    case Dtype::kQ5_1:
      return unpack_shifted<UnpackQ5_1>(from, to);
    case Dtype::kIQ4_NL:
      return unpack_all<UnpackIq4Nl>(from, to);
    case Dtype::kQ2_K:
      return unpack_shifted<UnpackQ2_K>(from, to);
    case Dtype::kQ3_K:
      return unpack_all<UnpackQ3_K>(from, to);
    case Dtype::kQ4_K:
      return unpack_shifted<UnpackQ4_K>(from, to);
    case Dtype::kQ5_K:
      return unpack_shifted<UnpackQ5_K>(from, to);
    default:
      return unpack_all<UnpackQ6_K>(from, to);
  }
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
