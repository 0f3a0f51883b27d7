// Tensors in GGUF's names and order of rows -> Hugging Face's.
#pragma once

#include <string>
#include <string_view>

#include <torch/torch.h>

#include "base/result.h"
#include "train/network.h"
#include "train/tensors.h"

namespace dramatis::train::tune {

// "blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"; other tensors likewise.
// Errors: kInternal for a name that no network has. Source: llama.cpp, gguf-py, tensor_mapping.py.
[[nodiscard]] Result<std::string> folder_name(std::string_view gguf);

// Rows of queries and keys from neighbouring pairs to halves, [rows, any] or [rows]; others, and
// those of a network that rotates halves, stay as they are.
[[nodiscard]] torch::Tensor in_folder_order(std::string_view gguf, const torch::Tensor& tensor,
                                            const NetworkShape& shape);

// All of them.
[[nodiscard]] Result<Named> for_folder(const Parameters& tensors, const NetworkShape& shape);

}  // namespace dramatis::train::tune
