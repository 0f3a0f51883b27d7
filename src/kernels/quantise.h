// f32 weights -> the bytes of other formats, for export.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "tensor/dtype.h"

namespace dramatis::kernels {

// The bytes of `values` in `dtype`: kF32, kF16 (to nearest even) or kQ8_0 (scale = max |x| / 127,
// to nearest). Checked: whole blocks. Errors: kUnsupported for another format; kInvalidArgument
// naming the first number that is not finite or too large for the format. Threads: any. Source:
// ggml `quantize_row_q8_0_ref`.
[[nodiscard]] Result<std::vector<std::byte>> quantise(std::span<const float> values,
                                                      tensor::Dtype dtype);

}  // namespace dramatis::kernels
