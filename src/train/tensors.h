// Named tensors <-> a safetensors file.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "base/result.h"
#include "formats/safetensors.h"

namespace dramatis::train {

using Named = std::vector<std::pair<std::string, torch::Tensor>>;

// The bytes of a file with the tensors converted to `dtype`. Checked: F32, F16 or BF16.
[[nodiscard]] std::vector<std::byte> pack_tensors(const Named& tensors, formats::SafeDtype dtype,
                                                  const formats::SafeMetadata& metadata);
// The same, written at once or not at all.
[[nodiscard]] Status write_tensors(const std::filesystem::path& path, const Named& tensors,
                                   formats::SafeDtype dtype, const formats::SafeMetadata& metadata);
// Copies the file's tensor of this name into another of the same shape. Errors: kCorrupt.
[[nodiscard]] Status copy_tensor(const formats::Safetensors& file, const std::string& name,
                                 torch::Tensor into);

}  // namespace dramatis::train
