// A Hugging Face folder (config.json, tokenizer.json, safetensors) -> what a GGUF file gives the
// engine.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "convert/conversion.h"

namespace dramatis::convert {

// Whether `path` is a folder with a config.json.
[[nodiscard]] bool is_folder_of_a_model(const std::filesystem::path& path);

// Computed are llama, mistral, qwen2, qwen3 and gemma2. Shards are read one after the other, so
// that the model and its largest file are in memory at once. Nothing in the folder is ever run, and
// nothing outside of it read. Errors: kUnsupported naming the key, tensor or tokenizer part that is
// not computed here; kCorrupt naming the tensor with both shapes; kNotFound naming what is missing;
// kRefused naming a file outside; those of tokens::read_hugging_face. Threads: any.
[[nodiscard]] Result<Converted> read_folder(const std::filesystem::path& folder,
                                            const Conversion& how);

}  // namespace dramatis::convert
