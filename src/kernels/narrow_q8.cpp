// One block after the other; the compiler turns the loops into vectors.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/kv_rows.h"
#include "kernels/vectors.h"

namespace dramatis::kernels {
namespace {

// Adding and taking away 1.5 * 2^23 leaves no bits behind the point: the adder rounds to even.
constexpr float kRounder = 12582912.0F;
// The largest finite binary16.
constexpr float kLargestScale = 65504.0F;

void narrow_block(std::span<const float> x, std::byte* out) {
  float largest = 0;
  bool finite = true;
  for (const float number : x) {
    largest = std::max(largest, std::abs(number));
    finite = finite && std::isfinite(number);
  }
  const float wanted = std::min(largest / 127.0F, kLargestScale);
  const auto scale = to_f16(finite ? wanted : std::numeric_limits<float>::quiet_NaN());
  std::memcpy(out, &scale, sizeof scale);
  std::byte* integers = out + internal::kKvScaleBytes;
  if (!finite || scale == 0) {
    std::fill_n(integers, x.size(), std::byte{0});
    return;
  }
  const float inverse = 1.0F / from_f16(scale);
  for (std::size_t n = 0; n < x.size(); ++n) {
    const float near = std::clamp(x[n] * inverse, -127.0F, 127.0F);
    integers[n] = static_cast<std::byte>(static_cast<std::int8_t>((near + kRounder) - kRounder));
  }
}

}  // namespace

void narrow_q8(std::span<const float> x, std::span<std::byte> out) {
  constexpr auto kBlock = internal::kKvBlock;
  DRAMATIS_CHECK(x.size() % kBlock == 0 &&
                 out.size() == x.size() / kBlock * internal::kKvBlockBytes);
  for (std::size_t block = 0; block * kBlock < x.size(); ++block)
    narrow_block(x.subspan(block * kBlock, kBlock), out.data() + block * internal::kKvBlockBytes);
}

}  // namespace dramatis::kernels
