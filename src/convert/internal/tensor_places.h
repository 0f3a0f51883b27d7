// A tensor of a Hugging Face folder -> its place in a GGUF file, and what must be done to it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "convert/internal/folder_config.h"

namespace dramatis::convert::internal {

enum class Treatment {
  kAsIs,
  kPermute,  // rows of each head from halves to neighbours
  kPlusOne,  // norms that are stored as their distance from 1
};

struct TensorPlace {
  std::string name;                // "blk.0.attn_q.weight"
  std::vector<std::size_t> shape;  // as the folder must have it, outermost first
  Treatment treatment = Treatment::kAsIs;
  std::size_t heads = 0;  // where rows are permuted
};

// Nothing for what is computed anew (inverse frequencies) and for an output that is tied. Errors:
// kUnsupported naming a tensor that has no place. Source: llama.cpp, gguf-py, tensor_mapping.py.
[[nodiscard]] Result<std::optional<TensorPlace>> find_place(const FolderConfig& config,
                                                            std::string_view name);

// Row n of the permuted matrix is this row of the given one. `width` is that of a head, even.
[[nodiscard]] constexpr std::size_t row_before(std::size_t n, std::size_t width) {
  const std::size_t within = n % width;
  return n - within + within % 2 * (width / 2) + within / 2;
}

}  // namespace dramatis::convert::internal
