// f32 weights -> the bytes of other formats, for export.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "tensor/dtype.h"

namespace dramatis::kernels {

// The bytes of `values` in `dtype`. F16 and BF16: to nearest even. Q8_0: scale = max |x| / 127, to
// nearest, the bytes of ggml's `quantize_row_q8_0_ref`. All others: scales and minima searched,
// then bettered by least squares, so that sum((x^2 + mean(x^2)) * error^2) of a block is small;
// same values, same bytes. Checked: whole blocks. Errors: kInvalidArgument naming the first number
// that is not finite or too large for the format. Threads: any.
[[nodiscard]] Result<std::vector<std::byte>> quantise(std::span<const float> values,
                                                      tensor::Dtype dtype);

}  // namespace dramatis::kernels
