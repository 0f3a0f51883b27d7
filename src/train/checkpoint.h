// A run on disk: weights, moments and the place in the data, so that a run that was cut goes on
// exactly.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "formats/safetensors.h"
#include "train/llama.h"
#include "train/optimizer.h"

namespace dramatis::train {

// Writes `path` at once or not at all. `digest` says which recipe and data the run is of.
[[nodiscard]] Status write_checkpoint(const std::filesystem::path& path, const Llama& model,
                                      const Optimizer& optimizer, const std::string& digest);

// Fills model and optimizer. kNotFound where there is no file; kConflict where it is of another
// recipe or data; kCorrupt.
[[nodiscard]] Status read_checkpoint(const std::filesystem::path& path, const Llama& model,
                                     Optimizer& optimizer, const std::string& digest);

// The weights alone, as bf16 (kBF16) or f32, with metadata.
[[nodiscard]] Status write_weights(const std::filesystem::path& path, const Llama& model,
                                   formats::SafeDtype dtype, const formats::SafeMetadata& metadata);
// Copies the weights of a file into a model of the same shape. kCorrupt names the first that
// differs.
[[nodiscard]] Status read_weights(const formats::Safetensors& file, const Llama& model);

}  // namespace dramatis::train
