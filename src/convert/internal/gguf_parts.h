// What conversions of a GGUF file have in common: its pairs, its matrices, its kinds of tensors.
#pragma once

#include "convert/weight_types.h"
#include "formats/gguf.h"
#include "formats/gguf_writer.h"
#include "tensor/matrix.h"

namespace dramatis::convert::internal {

// All pairs but those that say how the file is laid out or of which type it is.
void copy_pairs(const formats::Gguf& from, formats::GgufWriter& to);
// The pairs that say of which type it is.
void add_type(formats::GgufWriter& to, tensor::Dtype dtype);

[[nodiscard]] bool is_matrix(const formats::GgufTensor& tensor);
[[nodiscard]] tensor::MatrixView view_of(const formats::GgufTensor& matrix);
[[nodiscard]] Makes makes_of(const formats::Gguf& file, std::string_view name);
[[nodiscard]] formats::GgufTensorToWrite copy_of(const formats::GgufTensor& tensor);

}  // namespace dramatis::convert::internal
