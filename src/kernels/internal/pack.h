// One block of f32 numbers -> the bytes of a block format.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/dtype.h"

namespace dramatis::kernels::internal {

// A binary16 has no more.
inline constexpr float kLargestHalf = 65504.0F;

// Shapes: block [32], out of the format's bytes per block. Checked: Q4_0, Q4_1, Q5_0, Q5_1, IQ4_NL
// or Q8_0. The numbers must be finite. Threads: any. Source: the layouts of ggml-common.h.
void pack_32(tensor::Dtype dtype, std::span<const float> block, std::span<std::byte> out);

// Shapes: block [256]. Checked: Q2_K, Q3_K, Q4_K, Q5_K or Q6_K. Else as above.
void pack_256(tensor::Dtype dtype, std::span<const float> block, std::span<std::byte> out);

}  // namespace dramatis::kernels::internal
