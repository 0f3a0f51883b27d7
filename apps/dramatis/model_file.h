// Where a model lies -> its weights: a GGUF file, or a folder as Hugging Face keeps them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/gguf.h"

namespace dramatis::app {

// Oddities are added to `warnings`. Errors: those of Gguf::read and convert::read_folder.
[[nodiscard]] Result<formats::Gguf> open_weights(const std::filesystem::path& path,
                                                 std::vector<std::string>& warnings);

// Threads for work that nobody waits beside: one for each core.
[[nodiscard]] std::size_t all_threads();

// "1.2 GB", with powers of ten.
[[nodiscard]] std::string shown_bytes(std::uint64_t bytes);

}  // namespace dramatis::app
