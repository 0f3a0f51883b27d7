// Rounds weights into GGUF's formats.
#include "kernels/quantise.h"

#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "base/check.h"
#include "kernels/half.h"
#include "kernels/internal/pack.h"

namespace dramatis::kernels {
namespace {

using internal::kLargestHalf;
using tensor::Dtype;

// The largest number that a format holds. Block formats: a scale is a half, so is a least value;
// the scale of Q8_0 is the largest number / 127.
float largest_in(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF32:
      return std::numeric_limits<float>::max();
    case Dtype::kBF16:
      return 0x1.FEp127F;
    case Dtype::kQ8_0:
      return kLargestHalf * 127.0F;
    default:
      return kLargestHalf;
  }
}

Status within(std::span<const float> values, const tensor::DtypeRow& about) {
  const float largest = largest_in(about.dtype);
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (std::abs(values[n]) <= largest) continue;  // false for NaN
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Weight {} is {}, which {} cannot hold; the largest is {}.", n,
                            values[n], about.name, largest));
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> quantise(std::span<const float> values, Dtype dtype) {
  const auto& about = tensor::dtype_row(dtype);
  DRAMATIS_CHECK(values.size() % about.block == 0);
  DRAMATIS_DO(within(values, about));
  std::vector<std::byte> bytes(values.size() / about.block * about.bytes_per_block);
  if (dtype == Dtype::kF32) {
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
  }
  for (std::size_t n = 0; n < values.size() / about.block; ++n) {
    const auto block = values.subspan(n * about.block, about.block);
    const auto out = std::span(bytes).subspan(n * about.bytes_per_block, about.bytes_per_block);
    if (about.block == 32) internal::pack_32(dtype, block, out);
    if (about.block == 256) internal::pack_256(dtype, block, out);
    if (about.block > 1) continue;
    const auto half = dtype == Dtype::kF16 ? to_f16(block[0]) : to_bf16(block[0]);
    std::memcpy(out.data(), &half, sizeof half);
  }
  return bytes;
}

}  // namespace dramatis::kernels
