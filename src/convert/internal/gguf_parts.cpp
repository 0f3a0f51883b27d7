// Copies and looks.
#include "convert/internal/gguf_parts.h"

namespace dramatis::convert::internal {

void copy_pairs(const formats::Gguf& from, formats::GgufWriter& to) {
  for (const auto& [key, value] : from.metadata()) {
    if (key == "general.alignment" || key == "general.file_type" ||
        key == "general.quantization_version")
      continue;
    to.add_value(key, value);
  }
}

void add_type(formats::GgufWriter& to, tensor::Dtype dtype) {
  to.add_u32("general.file_type", file_type(dtype));
  to.add_u32("general.quantization_version", 2);
}

bool is_matrix(const formats::GgufTensor& tensor) {
  return tensor.shape.size() == 2 && tensor.shape[1] > 1;
}

tensor::MatrixView view_of(const formats::GgufTensor& matrix) {
  return {.dtype = matrix.dtype,
          .rows = matrix.shape[1],
          .columns = matrix.shape[0],
          .bytes = matrix.bytes};
}

Makes makes_of(const formats::Gguf& file, std::string_view name) {
  const bool is_tied = file.tensor("output.weight") == nullptr;
  return name == (is_tied ? "token_embd.weight" : "output.weight") ? Makes::kLogits
                                                                   : Makes::kNumbers;
}

formats::GgufTensorToWrite copy_of(const formats::GgufTensor& tensor) {
  return {.name = tensor.name,
          .dtype = tensor.dtype,
          .shape = tensor.shape,
          .bytes = {tensor.bytes.begin(), tensor.bytes.end()}};
}

}  // namespace dramatis::convert::internal
