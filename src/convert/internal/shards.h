// The safetensors of a folder: one file, or several with an index.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "formats/safetensors.h"

namespace dramatis::convert::internal {

// Files by name with the tensors that each must hold; without an index, one file and no list.
struct Shards {
  std::map<std::string, std::vector<std::string>> files{};
  std::size_t tensors = 0;  // that the index lists
};

// The index (model.safetensors.index.json), or model.safetensors. A name with a folder in it, ".."
// or a link that leads outside of the model's folder is never opened; links into the `blobs` of a
// Hugging Face cache are followed. Errors: kNotFound; kRefused naming the file; kCorrupt;
// kUnsupported where there are only weights in Python's own format; kOverBudget.
[[nodiscard]] Result<Shards> find_shards(const std::filesystem::path& folder);

// One of the files, checked against its list. Errors: those of Safetensors::read; kCorrupt naming
// a tensor that is missing or that the index does not list there; kNotFound.
[[nodiscard]] Result<formats::Safetensors> read_shard(const std::filesystem::path& folder,
                                                      const std::string& name,
                                                      const std::vector<std::string>& tensors);

// Refuses a file of the folder that is a link to elsewhere. Errors: kNotFound; kRefused.
[[nodiscard]] Status check_inside(const std::filesystem::path& folder, const std::string& name);

}  // namespace dramatis::convert::internal
