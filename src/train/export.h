// A trained model -> a GGUF file that runs in engine/ and in any other reader.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"
#include "tensor/dtype.h"
#include "train/llama.h"

namespace dramatis::train {

struct ExportOptions {
  std::string name;                               // general.name
  tensor::Dtype matrices = tensor::Dtype::kQ8_0;  // gains stay f32
  std::vector<std::pair<std::string, std::string>>
      notes;  // further metadata, "dramatis.recipe" ...
};

// Errors: those of kernels::quantise and GgufWriter::finish.
[[nodiscard]] Result<std::vector<std::byte>> export_gguf(const Llama& model,
                                                         const formats::Gguf& vocabulary,
                                                         const ExportOptions& options);

}  // namespace dramatis::train
