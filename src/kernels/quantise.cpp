// Rounds weights into GGUF's formats.
#include "kernels/quantise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/check.h"
#include "kernels/half.h"

namespace dramatis::kernels {
namespace {

constexpr float kLargestHalf = 65504.0F;

Status within(std::span<const float> values, float largest, std::string_view format) {
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (std::abs(values[n]) <= largest) continue;  // false for NaN
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Weight {} is {}, which {} cannot hold; the largest is {}.", n,
                            values[n], format, largest));
  }
  return {};
}

void write_q8_0(std::span<const float> block, std::byte* out) {
  float largest = 0;
  for (const float value : block) largest = std::max(largest, std::abs(value));
  const float scale = largest / 127.0F;
  const float inverse = scale > 0 ? 1.0F / scale : 0.0F;
  const auto half = to_f16(scale);
  std::memcpy(out, &half, sizeof half);
  for (std::size_t n = 0; n < block.size(); ++n) {
    // An inverse of a subnormal scale may be infinite; the clamp keeps such a block defined.
    const float rounded = std::clamp(std::round(block[n] * inverse), -127.0F, 127.0F);
    out[2 + n] =
        static_cast<std::byte>(static_cast<std::int8_t>(std::isnan(rounded) ? 0.0F : rounded));
  }
}

}  // namespace

Result<std::vector<std::byte>> quantise(std::span<const float> values, tensor::Dtype dtype) {
  const auto& about = tensor::dtype_row(dtype);
  DRAMATIS_CHECK(values.size() % about.block == 0);
  std::vector<std::byte> bytes(values.size() / about.block * about.bytes_per_block);
  switch (dtype) {
    case tensor::Dtype::kF32:
      DRAMATIS_DO(within(values, std::numeric_limits<float>::max(), about.name));
      std::memcpy(bytes.data(), values.data(), bytes.size());
      return bytes;
    case tensor::Dtype::kF16:
      DRAMATIS_DO(within(values, kLargestHalf, about.name));
      for (std::size_t n = 0; n < values.size(); ++n) {
        const auto half = to_f16(values[n]);
        std::memcpy(bytes.data() + 2 * n, &half, sizeof half);
      }
      return bytes;
    case tensor::Dtype::kQ8_0:
      DRAMATIS_DO(within(values, kLargestHalf * 127.0F, about.name));
      for (std::size_t block = 0; block < values.size() / 32; ++block) {
        write_q8_0(values.subspan(block * 32, 32), bytes.data() + block * about.bytes_per_block);
      }
      return bytes;
    default:
      return fail(ErrorCode::kUnsupported,
                  fmt::format("Weights are written as F32, F16 or Q8_0, not as {}.", about.name));
  }
}

}  // namespace dramatis::kernels
