// Activations -> integers of a byte with scales, and the sums that shifts are multiplied with.
#include <limits>

#include "base/check.h"
#include "kernels/internal/inputs.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/round.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "kernels/simd/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace dramatis::kernels::HWY_NAMESPACE {  // NOLINT

void round_block(const float* x, std::int8_t* rounded, float* scale) {
  const Tag d;
  const hn::Rebind<std::int8_t, Tag> bytes;
  const hn::RebindToSigned<Tag> integers;
  auto most = hn::Zero(d);
  bool finite = true;
  for (std::size_t n = 0; n < kRoundBlock; n += kWidth) {
    const auto value = hn::LoadU(d, x + n);
    finite = finite && hn::AllTrue(d, hn::IsFinite(value));
    most = hn::Max(most, hn::Abs(value));
  }
  const float largest = hn::GetLane(hn::MaxOfLanes(d, most));
  *scale = finite ? largest / 127.0F : std::numeric_limits<float>::quiet_NaN();
  // Below 2^-120 the inverse would overflow; such a block is zero for every purpose.
  if (!finite || !(largest > 0x1p-120F)) {
    std::memset(rounded, 0, kRoundBlock);
    return;
  }
  const auto inverse = hn::Set(d, 127.0F / largest);
  for (std::size_t n = 0; n < kRoundBlock; n += kWidth) {
    const auto nearest = hn::ConvertTo(integers, hn::Round(hn::Mul(hn::LoadU(d, x + n), inverse)));
    hn::StoreU(hn::DemoteTo(bytes, nearest), bytes, rounded + n);
  }
}

void round_row_here(std::span<const float> x, std::span<std::int8_t> rounded,
                    std::span<float> scales) {
  for (std::size_t b = 0; b < scales.size(); ++b)
    round_block(x.data() + b * kRoundBlock, rounded.data() + b * kRoundBlock, &scales[b]);
}

void round_rest_here(std::span<const float> x, const RoundedRow& row,
                     std::span<std::int8_t> rounded, std::span<float> scales) {
  const Tag d;
  const hn::Rebind<std::int8_t, Tag> bytes;
  const hn::RebindToSigned<Tag> integers;
  alignas(64) float rest[kRoundBlock];
  for (std::size_t b = 0; b < scales.size(); ++b) {
    const auto scale = hn::Set(d, row.scales[b]);
    for (std::size_t n = 0; n < kRoundBlock; n += kWidth) {
      const std::size_t at = b * kRoundBlock + n;
      const auto whole = hn::LoadU(bytes, row.integers.data() + at);
      const auto taken = hn::Mul(hn::ConvertTo(d, hn::PromoteTo(integers, whole)), scale);
      hn::Store(hn::Sub(hn::LoadU(d, x.data() + at), taken), d, rest + n);
    }
    round_block(rest, rounded.data() + b * kRoundBlock, &scales[b]);
  }
}

// Sums of each 16.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128

void sum_parts_here(const std::int8_t* HWY_RESTRICT x, std::span<std::int16_t> sums) {
  for (std::size_t n = 0; n < sums.size(); ++n) {
    int sum = 0;
    for (std::size_t i = 0; i < internal::kPart; ++i) sum += x[n * internal::kPart + i];
    sums[n] = static_cast<std::int16_t>(sum);
  }
}

#else

// Raised by 128 into unsigned bytes, of which processors add eight at once.
void sum_parts_here(const std::int8_t* HWY_RESTRICT x, std::span<std::int16_t> sums) {
  const hn::CappedTag<std::uint8_t, 64> bytes;
  const hn::Repartition<std::uint64_t, decltype(bytes)> eights;
  constexpr std::size_t kAtOnce = hn::MaxLanes(bytes);
  const auto raise = hn::Set(bytes, std::uint8_t{128});
  for (std::size_t n = 0; n < sums.size() * internal::kPart; n += kAtOnce) {
    alignas(64) std::uint64_t added[kAtOnce / 8];
    const auto raised =
        hn::Xor(hn::LoadU(bytes, reinterpret_cast<const std::uint8_t*>(x + n)), raise);
    hn::Store(hn::SumsOf8(raised), eights, added);
    for (std::size_t i = 0; i < kAtOnce / internal::kPart; ++i) {
      const auto both = static_cast<int>(added[2 * i] + added[2 * i + 1]);
      sums[n / internal::kPart + i] = static_cast<std::int16_t>(both - 16 * 128);
    }
  }
}

#endif

}  // namespace dramatis::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace dramatis::kernels {

HWY_EXPORT(round_row_here);
HWY_EXPORT(round_rest_here);
HWY_EXPORT(sum_parts_here);

void round_row(std::span<const float> x, std::span<std::int8_t> rounded, std::span<float> scales) {
  DRAMATIS_CHECK(x.size() % kRoundBlock == 0 && rounded.size() == x.size() &&
                 scales.size() * kRoundBlock == x.size());
  HWY_DYNAMIC_DISPATCH(round_row_here)(x, rounded, scales);
}

void round_rest(std::span<const float> x, const RoundedRow& row, std::span<std::int8_t> rounded,
                std::span<float> scales) {
  DRAMATIS_CHECK(x.size() % kRoundBlock == 0 && rounded.size() == x.size() &&
                 scales.size() * kRoundBlock == x.size() && row.integers.size() == x.size() &&
                 row.scales.size() == scales.size());
  HWY_DYNAMIC_DISPATCH(round_rest_here)(x, row, rounded, scales);
}

namespace internal {

Inputs::Inputs(const Activations& x)
    : rows_(x.rounding == Rounding::kTwice ? 2 * x.rows : x.rows),
      blocks_(round_up(x.columns / kRoundBlock, kSumLanes)),
      integers_(x.rounded),
      scales_(x.scales),
      sums_(rows_ * blocks_ * kPartsOfBlock) {
  if (blocks_ * kRoundBlock != x.columns) pad(x);
  HWY_DYNAMIC_DISPATCH(sum_parts_here)(integers_.data(), sums_.span());
}

void Inputs::pad(const Activations& x) {
  const std::size_t blocks = x.columns / kRoundBlock;
  padded_integers_ = tensor::Buffer<std::int8_t>(rows_ * blocks_ * kRoundBlock);
  padded_scales_ = tensor::Buffer<float>(rows_ * blocks_);
  std::ranges::fill(padded_integers_.span(), std::int8_t{0});
  std::ranges::fill(padded_scales_.span(), 0.0F);
  for (std::size_t t = 0; t < rows_; ++t) {
    std::ranges::copy(x.rounded.subspan(t * x.columns, x.columns),
                      padded_integers_.span().data() + t * blocks_ * kRoundBlock);
    std::ranges::copy(x.scales.subspan(t * blocks, blocks),
                      padded_scales_.span().data() + t * blocks_);
  }
  integers_ = padded_integers_.span();
  scales_ = padded_scales_.span();
}

}  // namespace internal
}  // namespace dramatis::kernels
#endif
