// For tests: random numbers, and random weights in any format.
#pragma once

#include <cstring>
#include <vector>

#include "base/random.h"
#include "kernels/half.h"
#include "kernels/matmul.h"
#include "kernels/quantise.h"

namespace dramatis::kernels::testing {

inline constexpr tensor::Dtype kFormats[] = {
    tensor::Dtype::kF32,  tensor::Dtype::kF16,   tensor::Dtype::kBF16, tensor::Dtype::kQ8_0,
    tensor::Dtype::kQ4_0, tensor::Dtype::kQ4_1,  tensor::Dtype::kQ5_0, tensor::Dtype::kQ5_1,
    tensor::Dtype::kQ2_K, tensor::Dtype::kQ3_K,  tensor::Dtype::kQ4_K, tensor::Dtype::kQ5_K,
    tensor::Dtype::kQ6_K, tensor::Dtype::kIQ4_NL};

// Where a block format has its halves: a scale, and perhaps one of minima.
inline std::vector<std::size_t> halves_of(tensor::Dtype dtype) {
  using enum tensor::Dtype;
  if (dtype == kQ2_K) return {80, 82};
  if (dtype == kQ3_K) return {108};
  if (dtype == kQ6_K) return {208};
  if (dtype == kQ4_1 || dtype == kQ5_1 || dtype == kQ4_K || dtype == kQ5_K) return {0, 2};
  return {0};
}

inline std::vector<float> numbers(std::size_t count, std::uint64_t seed, float scale = 1.0F) {
  Rng rng(seed);
  std::vector<float> made(count);
  for (auto& value : made) value = scale * static_cast<float>(rng.uniform() * 2 - 1);
  return made;
}

// Random bytes are valid weights of every block format; scales that are no numbers are replaced.
inline std::vector<std::byte> random_weights(tensor::Dtype dtype, std::size_t count,
                                             std::uint64_t seed) {
  if (!wants_rounded(dtype)) return quantise(numbers(count, seed), dtype).value();
  const auto& about = tensor::dtype_row(dtype);
  Rng rng(seed);
  std::vector<std::byte> made(count / about.block * about.bytes_per_block);
  for (auto& value : made) value = static_cast<std::byte>(rng.below(256));
  for (std::size_t block = 0; block < count / about.block; ++block) {
    for (const std::size_t at : halves_of(dtype)) {
      const auto half = to_f16(0.001F * static_cast<float>(block % 17 + 1 + at % 3));
      std::memcpy(made.data() + block * about.bytes_per_block + at, &half, sizeof half);
    }
  }
  return made;
}

}  // namespace dramatis::kernels::testing
