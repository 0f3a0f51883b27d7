// The type that a request names -> the type of each matrix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tensor/dtype.h"

namespace dramatis::convert {

// "q8_0", "BF16" and so on, in either case. Errors: kInvalidArgument listing the types.
[[nodiscard]] Result<tensor::Dtype> parse_type(std::string_view name);

// Whether a matrix makes logits: it weighs on every token and is kept finer.
enum class Makes { kNumbers, kLogits };

// `wanted`, or what stands in for it: a matrix that makes logits is at least Q6_K; where rows of
// `columns` are not whole blocks of 256, a type of blocks of 32 with as many bits or more; where
// they are not whole blocks of 32, F16. Source: llama.cpp, `llama_tensor_get_type` (fallbacks).
[[nodiscard]] tensor::Dtype type_for(tensor::Dtype wanted, std::size_t columns, Makes makes);

// GGUF's number for a file whose matrices are mostly of this type (general.file_type).
[[nodiscard]] std::uint32_t file_type(tensor::Dtype dtype);

}  // namespace dramatis::convert
