// Rows of weights -> integers of a byte with scales, or f32.
#include <cstring>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/unpacked.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/unpack.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/floats-inl.h"
#include "kernels/simd/unpack_256-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

// Every block of a row.
template <class Format>
HWY_INLINE void unpack_all(const std::uint8_t* HWY_RESTRICT from, const internal::UnpackedRow& to) {
  constexpr std::size_t kScales = Format::kBlock / kRoundBlock;
  const std::size_t blocks = to.integers.size() / Format::kBlock;
  for (std::size_t b = 0; b < blocks; ++b, from += Format::kBytes) {
    Format::integers(from, to.integers.data() + b * Format::kBlock);
    const float scale = Format::scale(from);
    for (std::size_t n = 0; n < kScales; ++n) to.scales[b * kScales + n] = scale;
    if constexpr (requires { Format::multipliers(from, nullptr); })
      Format::multipliers(from, to.multipliers.data() + b * 2 * kScales);
    if constexpr (requires { Format::shifts(from, nullptr); })
      Format::shifts(from, to.shifts.data() + b * 2 * kScales);
    if constexpr (requires { Format::multipliers_and_shifts(from, nullptr, nullptr); })
      Format::multipliers_and_shifts(from, to.multipliers.data() + b * 2 * kScales,
                                     to.shifts.data() + b * 2 * kScales);
    if constexpr (requires { Format::shift_scale(from); }) {
      const float shift_scale = Format::shift_scale(from);
      for (std::size_t n = 0; n < kScales; ++n) to.shift_scales[b * kScales + n] = shift_scale;
    }
  }
}

void unpack_blocks_here(tensor::Dtype dtype, const std::uint8_t* from,
                        const internal::UnpackedRow& to) {
  using tensor::Dtype;
  switch (dtype) {
    case Dtype::kQ8_0:
      return unpack_all<UnpackQ8_0>(from, to);
    case Dtype::kQ4_0:
      return unpack_all<UnpackQ4_0>(from, to);
    case Dtype::kQ4_1:
      return unpack_all<UnpackQ4_1>(from, to);
    case Dtype::kQ5_0:
      return unpack_all<UnpackQ5_0>(from, to);
    case Dtype::kQ5_1:
      return unpack_all<UnpackQ5_1>(from, to);
    case Dtype::kIQ4_NL:
      return unpack_all<UnpackIq4Nl>(from, to);
    case Dtype::kQ2_K:
      return unpack_all<UnpackQ2_K>(from, to);
    case Dtype::kQ3_K:
      return unpack_all<UnpackQ3_K>(from, to);
    case Dtype::kQ4_K:
      return unpack_all<UnpackQ4_K>(from, to);
    case Dtype::kQ5_K:
      return unpack_all<UnpackQ5_K>(from, to);
    default:
      return unpack_all<UnpackQ6_K>(from, to);
  }
}

void unpack_row_here(const tensor::MatrixView& weights, std::size_t r, std::span<float> out) {
  if (!wants_rounded(weights.dtype)) {
    unpack_floats(weights, r, out.data());
    return;
  }
  internal::RowRoom room(weights.dtype, out.size());
  const auto row = room.row();
  const auto* from = reinterpret_cast<const std::uint8_t*>(weights.row(r).data());
  unpack_blocks_here(weights.dtype, from, row);
  for (std::size_t n = 0; n < out.size(); ++n) {
    const int multiplier = row.multipliers.empty() ? 1 : row.multipliers[n / internal::kPart];
    out[n] = static_cast<float>(row.integers[n] * multiplier) * row.scales[n / kRoundBlock];
  }
  for (std::size_t n = 0; n < out.size() && !row.shifts.empty(); ++n)
    out[n] +=
        static_cast<float>(row.shifts[n / internal::kPart]) * row.shift_scales[n / kRoundBlock];
}

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(unpack_blocks_here);
HWY_EXPORT(unpack_row_here);

void internal::unpack_blocks(const tensor::MatrixView& weights, std::size_t r,
                             const UnpackedRow& to) {
  const auto* from = reinterpret_cast<const std::uint8_t*>(weights.row(r).data());
  HWY_DYNAMIC_DISPATCH(unpack_blocks_here)(weights.dtype, from, to);
}

void unpack_row(const tensor::MatrixView& weights, std::size_t r, std::span<float> out) {
  DRAMATIS_CHECK(out.size() == weights.columns);
  HWY_DYNAMIC_DISPATCH(unpack_row_here)(weights, r, out);
}

}  // namespace dramatis::kernels
#endif
