// A model and adapters -> a model in which they are part of the weights.
#pragma once

#include <span>

#include "base/result.h"
#include "convert/conversion.h"
#include "model/adapter.h"

namespace dramatis::convert {

// W + sum of scale * B A for every matrix that an adapter adds to, in f32, in the order of the
// adapters; packed into the type it had, or into how.type. Everything else is copied byte for byte.
// Errors: those of read_config and check_adapters; kInvalidArgument where a sum does not fit the
// type. Threads: any. Source: Hu et al. 2021, "LoRA".
[[nodiscard]] Result<Converted> merge(const formats::Gguf& base,
                                      std::span<const model::AdapterUse> adapters,
                                      const Conversion& how);

}  // namespace dramatis::convert
