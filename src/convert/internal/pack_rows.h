// A matrix, row by row from anywhere -> the bytes of a type, on several threads.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/safetensors.h"
#include "tensor/dtype.h"

namespace dramatis::convert::internal {

// Gives row `r` as f32. Called from several threads at once.
using RowSource = std::function<void(std::size_t r, std::span<float> out)>;

struct PackedShape {
  std::size_t rows;
  std::size_t columns;
  tensor::Dtype dtype;  // whose blocks fill the columns
};

// A few rows of f32 for each thread are all that is held besides the result; the same rows give the
// same bytes on any number of threads. Errors: kInvalidArgument naming `name` and the rows where a
// number is not finite or too large for the type.
[[nodiscard]] Result<std::vector<std::byte>> pack_rows(std::string_view name, PackedShape shape,
                                                       std::size_t threads, const RowSource& row);

// Numbers `from` .. `from + out.size()` of a tensor of floats. Checked: it is F32, F16 or BF16.
void widen(const formats::SafeTensor& tensor, std::size_t from, std::span<float> out);

// F32, F16 or BF16 as GGUF has them. Errors: kUnsupported naming the tensor of another type.
[[nodiscard]] Result<tensor::Dtype> float_type(const formats::SafeTensor& tensor);

}  // namespace dramatis::convert::internal
