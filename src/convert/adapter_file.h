// An adapter -> the bytes of a GGUF file, as llama.cpp's converter writes one.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/adapter.h"
#include "tensor/dtype.h"

namespace dramatis::convert {

// What the file says of itself beside its numbers.
struct AdapterNotes {
  std::string_view name{};                    // general.name; empty: none is written
  tensor::Dtype dtype = tensor::Dtype::kF32;  // of its numbers: F32, F16 or BF16
};

// `adapter` was read for a model of the shape `config`. It is read again to what it is, but for
// the rounding of `how.dtype`. Errors: kUnsupported where its matrices are scaled so differently
// that no one alpha tells it, kInvalidArgument where a number does not fit the type. Threads: any.
// Source: ggml/docs/gguf.md "LoRA".
[[nodiscard]] Result<std::vector<std::byte>> write_adapter(const model::Adapter& adapter,
                                                           const model::ModelConfig& config,
                                                           const AdapterNotes& how);

}  // namespace dramatis::convert
