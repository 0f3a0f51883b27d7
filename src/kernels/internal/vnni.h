// Products of rounded activations on AVX-512 VNNI.
#pragma once

#include "kernels/internal/inputs.h"

namespace dramatis::kernels::internal {

// Whether this processor has the instructions (Intel since Ice Lake, AMD since Zen 4) and they are
// not switched off. Threads: any.
[[nodiscard]] bool has_vnni();

// The contract of kernels/matmul.h for block formats. Checked by the caller: has_vnni(), shapes,
// range. Throws std::bad_alloc. Threads: any, with ranges that do not meet.
void matmul_vnni(const tensor::MatrixView& weights, RowRange range, const Inputs& x, Products out);

}  // namespace dramatis::kernels::internal
