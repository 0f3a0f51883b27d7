// The 6-bit scales of the K formats, as they are packed into 12 bytes.
// Source: ggml-quants.c `get_scale_min_k4` and `dequantize_row_q3_K`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace dramatis::kernels::internal {

// Of one block of 32 within Q4_K and Q5_K, 0 to 63 each: numbers are scale * q - least.
struct ScaleAndLeast {
  int scale;
  int least;
};

// Blocks 0 to 3 have their scales in bytes 0 to 3 and their minima in bytes 4 to 7; of blocks 4 to
// 7 bytes 8 to 11 hold the lower nibbles, and the free upper bits of the bytes before the rest.
constexpr ScaleAndLeast k4_scale(const std::uint8_t* packed, std::size_t block) {
  if (block < 4) return {packed[block] & 63, packed[block + 4] & 63};
  return {(packed[block + 4] & 15) | (packed[block - 4] >> 6 << 4),
          (packed[block + 4] >> 4) | (packed[block] >> 6 << 4)};
}

// All eight at once, four bytes in each step.
inline void unpack_k4_scales(const std::uint8_t* packed, std::uint8_t (&scales)[8],
                             std::uint8_t (&leasts)[8]) {
  std::uint32_t words[3];
  std::memcpy(words, packed, sizeof words);
  constexpr std::uint32_t kSix = 0x3F3F3F3F;
  constexpr std::uint32_t kFour = 0x0F0F0F0F;
  constexpr std::uint32_t kUpper = 0x30303030;
  const std::uint32_t made[4] = {words[0] & kSix, (words[2] & kFour) | (words[0] >> 2 & kUpper),
                                 words[1] & kSix,
                                 (words[2] >> 4 & kFour) | (words[1] >> 2 & kUpper)};
  std::memcpy(scales, made, 8);
  std::memcpy(leasts, made + 2, 8);
}

constexpr void pack_k4_scales(std::span<const ScaleAndLeast, 8> scales, std::uint8_t* packed) {
  for (std::size_t n = 0; n < 4; ++n) {
    const auto& low = scales[n];
    const auto& high = scales[n + 4];
    packed[n] = static_cast<std::uint8_t>(low.scale | (high.scale >> 4 << 6));
    packed[n + 4] = static_cast<std::uint8_t>(low.least | (high.least >> 4 << 6));
    packed[n + 8] = static_cast<std::uint8_t>((high.scale & 15) | ((high.least & 15) << 4));
  }
}

// Of one block of 16 within Q3_K, -32 to 31: 16 lower nibbles in 8 bytes, 16 upper pairs in 4.
constexpr int q3_scale(const std::uint8_t* packed, std::size_t block) {
  const int low = block < 8 ? packed[block] & 15 : packed[block - 8] >> 4;
  const int high = packed[8 + block % 4] >> (2 * (block / 4)) & 3;
  return (low | high << 4) - 32;
}

constexpr void pack_q3_scales(std::span<const int, 16> scales, std::uint8_t* packed) {
  for (std::size_t n = 0; n < 12; ++n) packed[n] = 0;
  for (std::size_t n = 0; n < 16; ++n) {
    const int raised = scales[n] + 32;
    packed[n % 8] |= static_cast<std::uint8_t>((raised & 15) << (n < 8 ? 0 : 4));
    packed[8 + n % 4] |= static_cast<std::uint8_t>(raised >> 4 << (2 * (n / 4)));
  }
}

}  // namespace dramatis::kernels::internal
